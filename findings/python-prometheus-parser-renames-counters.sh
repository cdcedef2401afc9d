#!/usr/bin/env bash
# Expected: text_string_to_metric_families, the parser for Prometheus' text format in its own
#   Python client, returns families and samples under the names that they have in the text.
# What happens: counters are renamed. A sample without "_total" gets it, and a family with
#   "_total" loses it. So a lookup by the name in the text fails, and two counters of different
#   names become one. Gauges, and samples without a TYPE, keep their names.
# Version: python3-prometheus-client 0.16.0-0.1 (Debian)
# Output seen:
#   gauge users: users ['users 1']
#   counter hits: hits ['hits_total 2']
#   counter hits_total: hits ['hits_total 3']
#   no type: misses ['misses 4']
# Source: https://github.com/prometheus/client_python/pull/905,
#   https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
# Ours: each counter's name ends in "_total", so its samples keep their names.
# Needs: apt-get, python3.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq download python3-prometheus-client=0.16.0-0.1 2>/dev/null
dpkg-deb -x python3-prometheus-client_*.deb kit
cat > main.py <<'PY'
from prometheus_client.parser import text_string_to_metric_families as parse

for what, text in [
    ('gauge users', '# TYPE users gauge\nusers 1\n'),
    ('counter hits', '# TYPE hits counter\nhits 2\n'),
    ('counter hits_total', '# TYPE hits_total counter\nhits_total 3\n'),
    ('no type', 'misses 4\n'),
]:
    for family in parse(text):
        print(f'{what}: {family.name} {[f"{sample.name} {sample.value:.0f}" for sample in family.samples]}')
PY
got=$(PYTHONPATH=kit/usr/lib/python3/dist-packages python3 main.py)
want="gauge users: users ['users 1']
counter hits: hits ['hits_total 2']
counter hits_total: hits ['hits_total 3']
no type: misses ['misses 4']"
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: the parser names counters in another way now" >&2; exit 1; }
