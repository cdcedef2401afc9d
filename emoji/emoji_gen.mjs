// Writes emoji.dat from the data of the page's emoji picker: every emoji that the picker
// offers, with its skin tones, one a line. Unicode recommends each for general interchange
// (RGI, UTS 51); the picker's data adds variation selectors that the recommended form does
// not have, and they are dropped here. Run it with Node.js of the same Unicode version:
//
//	go generate ./emoji
import { readFileSync, writeFileSync } from 'node:fs';

const picker = JSON.parse(readFileSync('../static/vendor/emoji-picker/data.json', 'utf8'));
const offered = picker.flatMap((emoji) => [emoji.emoji, ...(emoji.skins ?? []).map((skin) => skin.emoji)]);
const recommended = offered.map((emoji) => emoji.replaceAll(/(\p{Emoji_Presentation})\uFE0F/gu, '$1'));
const strange = recommended.filter((emoji) => !/^\p{RGI_Emoji}$/v.test(emoji));
if (strange.length > 0) {
	throw new Error(`Unicode ${process.versions.unicode} does not know ${strange.join(' ')}`);
}
writeFileSync('emoji.dat', `The emoji of Unicode ${process.versions.unicode}, written by emoji_gen.mjs\n\n${recommended.join('\n')}\n`);
