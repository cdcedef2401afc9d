package markdown

import (
	"strings"
	"sync"
)

// languageOf returns the language of that name, or nil if it is not highlighted.
func languageOf(name string) *language { return languagesByName()[strings.ToLower(name)] }

// Syntaxes that many languages share.
var (
	slashes = language{comments: []string{"//"}, block: [2]string{"/*", "*/"}, quotes: `"'`}
	hashes  = language{comments: []string{"#"}, quotes: `"'`}
	dashes  = language{comments: []string{"--"}, block: [2]string{"/*", "*/"}, quotes: `'"`}
	tripled = [][2]string{{`"""`, `"""`}, {"'''", "'''"}}
	ticked  = [][2]string{{"`", "`"}}
)

const (
	cWords    = "auto bool break case char const continue default do double else enum extern false float for goto if inline int long nullptr register restrict return short signed sizeof static struct switch true typedef union unsigned void volatile while NULL "
	jsWords   = "async await break case catch class const continue debugger default delete do else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while with yield "
	tsWords   = jsWords + "abstract any as boolean declare enum implements infer interface is keyof module namespace never number private protected public readonly satisfies string type unknown "
	javaWords = "abstract assert boolean break byte case catch char class const continue default do double else enum extends false final finally float for if implements import instanceof int interface long native new null package private protected public record return sealed short static super switch synchronized this throw throws transient true try var void volatile while yield "
	sqlWords  = "add all alter and any as asc begin between by cascade case cast check column commit constraint create cross database default delete desc distinct drop else end except exists explain false fetch for foreign from full group having if in index inner insert intersect into is join key left like limit not null offset on or order outer primary references returning right rollback select set table then to transaction true truncate union unique update using values view when where with "
	shWords   = "alias break case continue declare do done elif else esac eval exec exit export fi for function if in local read readonly return set shift source then trap unset until while "
)

// languageSpec is a language: its names, its syntax, and its keywords.
type languageSpec struct {
	names, keywords string
	look            language
}

// languagesByName holds the highlighted languages, which are those that people paste most,
// by each of their names.
var languagesByName = sync.OnceValue(func() map[string]*language {
	byName := map[string]*language{}
	for _, l := range languageSpecs() {
		look := l.look
		look.keywords = map[string]bool{}
		for word := range strings.FieldsSeq(l.keywords) {
			look.keywords[word] = true
		}
		for name := range strings.FieldsSeq(l.names) {
			byName[name] = &look
		}
	}
	return byName
})

func (l language) longs(long [][2]string) language { l.long = long; return l }
func (l language) quoted(quotes string) language   { l.quotes = quotes; return l }
func (l language) keyedBy(keys string) language    { l.keys = keys; return l }
func (l language) folded() language                { l.fold = true; return l }

func (l language) commented(begin, end string) language {
	l.block = [2]string{begin, end}
	return l
}

func languageSpecs() []languageSpec {
	markup := language{block: [2]string{"<!--", "-->"}, quotes: `"'`, tags: true}
	return []languageSpec{
		{"go golang", "any bool break byte case chan const continue default defer else error fallthrough false float32 float64 for func go goto if import int int32 int64 interface iota map nil package range return rune select string struct switch true type uint uint64 uintptr var", slashes.longs(ticked)},
		{"c h", cWords, slashes},
		{"c++ cpp cc cxx hpp", cWords + "and catch class concept constexpr co_await co_return decltype delete dynamic_cast explicit final friend mutable namespace new noexcept not operator or override private protected public requires static_cast template this throw try typename using virtual", slashes},
		{"c# cs csharp", javaWords + "as async await base bool checked decimal delegate event foreach get in internal is lock namespace object out override params partial readonly ref sbyte set sizeof string struct typeof uint ulong using virtual where", slashes},
		{"java", javaWords, slashes.longs(tripled[:1])},
		{"javascript js mjs cjs jsx react node", jsWords, slashes.longs(ticked)},
		{"typescript ts tsx", tsWords, slashes.longs(ticked)},
		{"rust rs", "as async await bool box break char const continue crate dyn else enum extern f32 f64 false fn for i32 i64 if impl in let loop match mod move mut pub ref return self Self static str String struct super trait true type u8 u32 u64 unsafe use usize where while", slashes.quoted(`"`)},
		{"swift", "as async await break case catch class continue default defer deinit do else enum extension fallthrough false fileprivate final for func guard if import in init inout internal is lazy let mutating nil open operator override private protocol public repeat rethrows return self Self static struct subscript super switch throw throws true try typealias var weak where while", slashes.quoted(`"`).longs(tripled[:1])},
		{"kotlin kt kts", "abstract as break by catch class companion const constructor continue data do else enum false final finally for fun if import in init interface internal is lateinit null object open override package private protected public return sealed super suspend this throw true try typealias val var when while", slashes.longs(tripled[:1])},
		{"scala", "abstract case catch class def do else enum extends false final finally for given if implicit import lazy match new null object override package private protected return sealed super then this throw trait true try type using val var while with yield", slashes.quoted(`"`).longs(tripled[:1])},
		{"dart", javaWords + "async await bool dynamic export external factory get late library mixin on operator part required set show String with", slashes.longs(tripled)},
		{"groovy gradle", javaWords + "as def in trait", slashes.longs(tripled)},
		{"php", "abstract and array as break callable case catch class clone const continue declare default do echo else elseif empty enum extends false final finally fn for foreach function global if implements include instanceof insteadof interface isset list match namespace new null or print private protected public readonly require require_once return static switch this throw trait true try unset use var while xor yield", language{comments: []string{"//", "#"}, block: slashes.block, quotes: `"'`}},
		{"protobuf proto", "bool bytes double enum extend false fixed32 fixed64 float import int32 int64 map message oneof option optional package public repeated required reserved returns rpc service sint32 sint64 stream string syntax true uint32 uint64", slashes},
		{"graphql gql", "directive enum extend false fragment implements input interface mutation null on query scalar schema subscription true type union", hashes.longs(tripled[:1])},
		{"css", "important", slashes.keyedBy(":")},
		{"scss sass less", "important @use @mixin @include @extend @if @else @for @each @function @return", slashes.keyedBy(":")},
		{"json json5 jsonc", "true false null", slashes.keyedBy(":")},
		{"python py python3", "and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield", hashes.longs(tripled)},
		{"ruby rb", "alias and attr_accessor attr_reader begin break case class def defined do else elsif end ensure extend false for if in include module next nil not or private protected public raise redo require require_relative rescue retry return self super then true undef unless until when while yield", hashes},
		{"perl pl", "and cmp die each else elsif eq foreach for ge given if last local lt my ne next no not or our package print push qw redo require return say shift sub undef unless until use when while xor", hashes},
		{"bash sh shell zsh ksh console", shWords, hashes},
		{"fish", shWords + "and begin end not or switch", hashes},
		{"powershell ps1 pwsh", "begin break catch class continue data do else elseif end enum exit filter finally for foreach function if in param process return switch throw trap try until using while", hashes.commented("<#", "#>").folded()},
		{"yaml yml", "true false null yes no on off", hashes.keyedBy(":")},
		{"toml", "true false", hashes.longs(tripled).keyedBy("=")},
		{"ini cfg conf properties dotenv env", "true false", language{comments: []string{"#", ";"}, quotes: `"`, keys: "="}},
		{"nginx", "deny events http if include listen location map proxy_pass return rewrite root server server_name set upstream", hashes},
		{"makefile make mk", "define else endef endif export ifdef ifeq ifndef ifneq include override unexport", hashes.keyedBy(":=")},
		{"docker dockerfile", "add arg as cmd copy entrypoint env expose from healthcheck label onbuild run shell stopsignal user volume workdir", hashes.folded()},
		{"r", "break else FALSE for function if in library NA next NULL repeat return TRUE while", hashes},
		{"julia jl", "abstract baremodule begin break catch const continue do else elseif end export false finally for function global if import in let local macro module mutable nothing quote return struct true try using where while", hashes.commented("#=", "=#").longs(tripled[:1])},
		{"elixir ex exs", "after alias and case catch cond def defimpl defmacro defmodule defp defprotocol defstruct do else end false fn for if import in nil not or quote raise receive require rescue true try unless use when with", hashes.longs(tripled[:1])},
		{"nix", "assert else false if in inherit let null or rec then true with", hashes.commented("/*", "*/").longs([][2]string{{"''", "''"}})},
		{"hcl terraform tf", "data false for if in locals module null output provider resource terraform true variable", language{comments: []string{"#", "//"}, block: slashes.block, quotes: `"`, keys: "="}},
		{"cmake", "add_executable add_library cmake_minimum_required else elseif endforeach endfunction endif endwhile find_package foreach function if include install option project return set target_link_libraries while", hashes.folded()},
		{"awk gawk", "BEGIN break continue delete do else END exit for function getline if in next print printf return while", hashes},
		{"sql mysql postgres postgresql psql sqlite plpgsql tsql", sqlWords, dashes.folded()},
		{"lua", "and break do else elseif end false for function goto if in local nil not or repeat return then true until while", dashes.commented("--[[", "]]").longs([][2]string{{"[[", "]]"}})},
		{"haskell hs", "case class data default deriving do else forall foreign if import in infix infixl infixr instance let module newtype of qualified then type where", dashes.commented("{-", "-}").quoted(`"`)},
		{"elm", "alias as case else exposing if import in let module of port then type where", dashes.commented("{-", "-}").quoted(`"`).longs(tripled[:1])},
		{"ocaml ml", "and as assert begin class do done downto else end exception external false for fun function functor if in include inherit let match method module mutable new nonrec object of open or private rec sig struct then to true try type val virtual when while with", language{block: [2]string{"(*", "*)"}, quotes: `"`}},
		{"f# fsharp fs", "abstract and as async begin class default delegate do done downcast elif else end exception false finally for fun function if in inherit inline interface internal let match member module mutable namespace new null of open or override private public rec return static struct then to true try type use val void when while with yield", language{comments: []string{"//"}, block: [2]string{"(*", "*)"}, quotes: `"`, long: tripled[:1]}},
		{"erlang erl", "after and andalso begin case catch div end fun if of or orelse receive rem try when", language{comments: []string{"%"}, quotes: `"'`}},
		{"tex latex", "", language{comments: []string{"%"}}},
		{"lisp common-lisp cl elisp scheme racket", "and cond defmacro define defparameter defun defvar else if lambda let nil not or progn quote set setf setq t unless when", language{comments: []string{";"}, block: [2]string{"#|", "|#"}, quotes: `"`}},
		{"clojure clj cljs edn", "and case cond def defmacro defn defn- do doseq false fn for if if-let let loop nil ns or quote recur require true try when when-let", language{comments: []string{";"}, quotes: `"`}},
		{"vim viml", "augroup autocmd call else elseif endfor endfunction endif endwhile for function if let return set while", language{quotes: "'"}},
		{"zig", "and anytype bool break catch comptime const continue defer else enum errdefer error export extern false fn for if inline null or orelse packed pub return struct switch test true try undefined union unreachable usize var void while", language{comments: []string{"//"}, quotes: `"'`}},
		{"html htm xhtml vue svelte", "", markup},
		{"xml svg rss atom plist", "", markup},
		{"diff patch udiff", "", language{lines: true}},
	}
}
