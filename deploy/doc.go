// Package deploy holds the files for running chatserver: Prometheus rules, a Grafana
// dashboard, Compose files, Kubernetes manifests and systemd units. Its tests keep these
// files consistent with the program; deploy/schemas checks them against the types of
// Kubernetes and Compose.
package deploy
