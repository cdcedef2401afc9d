package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/config"
)

// trouble is a store that fails once and panics once, when asked to.
type trouble struct {
	chat.Store
	fail, panic atomic.Bool
}

func (s *trouble) Commit(ctx context.Context, changes []chat.Change) ([]chat.Outcome, error) {
	if s.panic.Swap(false) {
		panic("a mistake in the store")
	}
	if s.fail.Swap(false) {
		return nil, errors.New("the disk is gone")
	}
	return s.Store.Commit(ctx, changes)
}

// everything makes people do whatever the server counts. It returns the names of all
// metrics that the server then has, with their types.
func everything(t *testing.T) map[string]string {
	t.Helper()
	disk := &trouble{}
	world := chattest.NewWorld(t,
		chattest.Store(func(real chat.Store) chat.Store { disk.Store = real; return disk }),
		chattest.With(func(c *config.Config) { two := 2; c.MaxConnections = &two }))
	ann := world.Join("Ann", "lobby")
	ann.Pings() // she has joined
	bob := world.Connect("Bob", "")
	bob.Hears("Bob connected to chat") // so has he
	if _, _, err := world.TryConnect("Carl", "", nil); err == nil {
		t.Fatal("the chat accepts a connection over its limit")
	}
	ann.Sends("lobby", "019af7a0-0000-7000-8000-000000000001", "hello")
	ann.HearsEvent("message")
	ann.Sends("elsewhere", "019af7a0-0000-7000-8000-000000000002", "is nobody here?")
	ann.HearsEvent("error")
	disk.panic.Store(true)
	ann.Sends("lobby", "019af7a0-0000-7000-8000-000000000003", "hello?")
	ann.HearsEvent("error")
	disk.fail.Store(true)
	ann.Sends("lobby", "019af7a0-0000-7000-8000-000000000004", "hello??")
	ann.HearsEvent("error")
	bob.Leaves()
	for end := time.Now().Add(chattest.Patience); ; {
		names := scrape(t, "http://"+world.Ops()+"/metrics")
		if _, closed := names["chatserver_connections_closed_total"]; closed || time.Now().After(end) {
			return names
		}
	}
}

// ofANode returns the names of all metrics that a fleet node has from the start, with
// their types.
func ofANode(t *testing.T) map[string]string {
	t.Helper()
	return scrape(t, "http://"+chattest.NewFleet(t, 1).Nodes[0].Ops()+"/metrics")
}

func scrape(t *testing.T, url string) map[string]string {
	t.Helper()
	response, err := http.Get(url) //nolint:noctx // it ends with the test's server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(string(body), -1) {
		names[found[1]] = found[2]
	}
	return names
}

// metricNames returns the words of a text that look like metrics of ours, of Go or of
// the process, without the suffixes of histograms.
func metricNames(text string, known map[string]string) []string {
	names := map[string]bool{}
	for _, name := range regexp.MustCompile(`\b(chatserver|go|process)_[a-z0-9_]+[a-z]\b`).FindAllString(text, -1) {
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, cut := strings.CutSuffix(name, suffix); cut && (known[base] == "histogram" || known[base] == "summary") {
				name = base
			}
		}
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// The dashboard, the alerts and the docs name only metrics that a single server or a
// fleet node exports, and every exported metric is documented.
func TestEveryMetricExistsAndIsDocumented(t *testing.T) {
	t.Parallel()
	there := everything(t)
	maps.Copy(there, ofANode(t))
	for _, file := range []string{"prometheus/alerts.yml", "prometheus/adapter.yaml", "grafana/dashboard.json", "../docs/monitoring.md"} {
		for _, name := range metricNames(read(t, file), there) {
			if there[name] == "" {
				t.Errorf("%s names %s, which the server does not export", file, name)
			}
		}
	}
	explained := metricNames(read(t, "../docs/monitoring.md"), there)
	for name := range there {
		if strings.HasPrefix(name, "chatserver_") && !slices.Contains(explained, name) {
			t.Errorf("docs/monitoring.md does not explain %s", name)
		}
	}
}

// A single server exports no metrics about other nodes. The section Fleet of
// docs/monitoring.md lists exactly the metrics that a fleet node adds.
func TestOnlyAFleetNodeHasFleetMetrics(t *testing.T) {
	t.Parallel()
	alone, node := everything(t), ofANode(t)
	_, section, _ := strings.Cut(read(t, "../docs/monitoring.md"), "\n### Fleet\n")
	section, _, _ = strings.Cut(section, "\n### ")
	said := metricNames(section, node)
	for _, name := range said {
		_, also := alone[name]
		if both := name == "chatserver_rooms_filled_total"; node[name] == "" || also != both {
			t.Errorf("a node has %s: %v, a single server: %v", name, node[name] != "", also)
		}
	}
	for name := range node {
		if _, also := alone[name]; !also && !slices.Contains(said, name) {
			t.Errorf("%s is a fleet metric, and not documented as one", name)
		}
	}
	if len(said) < 10 {
		t.Errorf("only %d metrics belong to a fleet", len(said))
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type dashboard struct {
	UID        string
	Templating struct {
		List []struct{ Name, Type string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ Type, UID string }
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []struct{ Expr, LegendFormat string }
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "grafana/dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The dashboard queries the data source that its reader selects, every panel has a
// description, and no two panels overlap.
func TestTheDashboardIsClear(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	if len(d.Templating.List) == 0 || d.Templating.List[0].Name != "datasource" || d.Templating.List[0].Type != "datasource" {
		t.Error("the data source cannot be selected")
	}
	ids, cells := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" {
			t.Errorf("panel %d %q is duplicated or has no title", p.ID, p.Title)
		}
		ids[p.ID] = true
		for cell := range p.GridPos.W * p.GridPos.H {
			at := [2]int{p.GridPos.X + cell%p.GridPos.W, p.GridPos.Y + cell/p.GridPos.W}
			if cells[at] != "" || at[0] >= 24 {
				t.Fatalf("panel %q overlaps %q or is outside of the grid, at %v", p.Title, cells[at], at)
			}
			cells[at] = p.Title
		}
		if p.Type == "row" {
			continue
		}
		if p.Description == "" || len(p.Targets) == 0 || p.Datasource.UID != "${datasource}" {
			t.Errorf("panel %q lacks a description, a query, or the data source", p.Title)
		}
	}
}
