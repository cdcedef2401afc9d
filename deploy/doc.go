// Package deploy is what a chatserver is run with: Prometheus' rules, Grafana's
// dashboard, compose, Kubernetes, systemd. Its tests hold these files to the
// program; the types of Kubernetes and compose are asked in deploy/schemas.
package deploy
