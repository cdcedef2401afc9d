package schemas_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
)

// drain is the longest time that a chat takes to stop.
const drain = 10 * time.Second

// In a fleet of pods, no connection is cut without need, and no pod stores data that
// others lack.
func TestKubernetesUnderstandsTheFleet(t *testing.T) {
	t.Parallel()
	all, base := render(t, "../kubernetes/ha"), render(t, "../kubernetes/base")
	deployment := all["Deployment"].(*apps.Deployment)
	if all["StatefulSet"] != nil || deployment.Spec.Replicas != nil {
		t.Error("a node has a volume, or each apply overrides the autoscaler")
	}
	rolling := deployment.Spec.Strategy.RollingUpdate
	if rolling == nil || rolling.MaxUnavailable.String() != "0" || rolling.MaxSurge.String() != "1" {
		t.Errorf("nodes are replaced by %+v", deployment.Spec.Strategy)
	}
	pod := deployment.Spec.Template.Spec
	checkPod(t, pod, base["StatefulSet"].(*apps.StatefulSet).Spec.Template.Spec)
	settings := all["ConfigMap"].(*core.ConfigMap).Data
	for name, value := range base["ConfigMap"].(*core.ConfigMap).Data {
		if settings[name] != value {
			t.Errorf("%s is %q, but %q in the base", name, settings[name], value)
		}
	}
	checkSecrets(t, pod, settings)
	checkSpread(t, pod, deployment.Spec.Selector.MatchLabels)
	checkBudget(t, all["PodDisruptionBudget"].(*policy.PodDisruptionBudget), deployment.Spec.Template.Labels)
	checkScaling(t, all["HorizontalPodAutoscaler"].(*autoscaling.HorizontalPodAutoscaler))
	checkWaysOut(t, all["NetworkPolicy"].(*networking.NetworkPolicy))
	for _, service := range []string{"Service chatserver", "Service chatserver-headless"} {
		for label, value := range all[service].(*core.Service).Spec.Selector {
			if deployment.Spec.Template.Labels[label] != value {
				t.Errorf("the %s selects no pods", service)
			}
		}
	}
}

// checkPod checks that a pod has the probes and rights of the base, stores nothing, and
// is killed only after the grace period.
func checkPod(t *testing.T, pod, base core.PodSpec) {
	t.Helper()
	isRestricted(t, pod)
	chat, before := pod.Containers[0], base.Containers[0]
	for what, probes := range map[string][2]*core.Probe{
		"start": {chat.StartupProbe, before.StartupProbe}, "life": {chat.LivenessProbe, before.LivenessProbe}, "readiness": {chat.ReadinessProbe, before.ReadinessProbe},
	} {
		if probes[0] == nil || !reflect.DeepEqual(probes[0], probes[1]) {
			t.Errorf("its %s differs from the base", what)
		}
	}
	var slept time.Duration
	if chat.Lifecycle != nil && chat.Lifecycle.PreStop.Sleep != nil {
		slept = time.Duration(chat.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	}
	if slept < 5*time.Second {
		t.Errorf("it stops after %v, and still gets new connections", slept)
	}
	if grace := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; grace < slept+drain+5*time.Second {
		t.Errorf("it is killed after %v, but may need %v to stop", grace, slept+drain)
	}
	for _, volume := range pod.Volumes {
		if volume.PersistentVolumeClaim != nil || volume.HostPath != nil || volume.EmptyDir == nil && volume.Secret == nil {
			t.Errorf("%s outlives the pod", volume.Name)
		}
	}
}

// checkSecrets checks that secrets are where the chat reads them, that only their group
// can read them, and that no applied manifest contains them.
func checkSecrets(t *testing.T, pod core.PodSpec, settings map[string]string) {
	t.Helper()
	chat := pod.Containers[0]
	at := slices.IndexFunc(chat.VolumeMounts, func(m core.VolumeMount) bool { return m.Name == "secrets" })
	from := slices.IndexFunc(pod.Volumes, func(v core.Volume) bool { return v.Name == "secrets" })
	if at < 0 || from < 0 {
		t.Fatal("there are no secrets")
	}
	for name, key := range map[string]string{"CHAT_DATABASE_FILE": "database", "CHAT_NATS_FILE": "nats"} {
		if settings[name] != chat.VolumeMounts[at].MountPath+"/"+key {
			t.Errorf("%s is %q", name, settings[name])
		}
	}
	if secret := pod.Volumes[from].Secret; secret == nil || *secret.DefaultMode != 0o440 || pod.SecurityContext.FSGroup == nil {
		t.Error("the secrets are readable by others, or not by the chat")
	}
	for name, value := range settings {
		if strings.Contains(value, "://") {
			t.Errorf("%s exposes %s", name, value)
		}
	}
}

func checkSpread(t *testing.T, pod core.PodSpec, labels map[string]string) {
	t.Helper()
	keys := map[string]bool{}
	for _, spread := range pod.TopologySpreadConstraints {
		keys[spread.TopologyKey] = true
		for label, value := range labels {
			if spread.LabelSelector.MatchLabels[label] != value {
				t.Errorf("%s spreads other pods", spread.TopologyKey)
			}
		}
	}
	if !keys["kubernetes.io/hostname"] || !keys["topology.kubernetes.io/zone"] {
		t.Errorf("two nodes may share a machine or a zone: %v", keys)
	}
}

func checkBudget(t *testing.T, budget *policy.PodDisruptionBudget, labels map[string]string) {
	t.Helper()
	if budget.Spec.MaxUnavailable == nil || budget.Spec.MaxUnavailable.String() != "1" {
		t.Error("both of two nodes may be evicted")
	}
	if len(budget.Spec.Selector.MatchLabels) == 0 {
		t.Error("the budget applies to the whole namespace")
	}
	for label, value := range budget.Spec.Selector.MatchLabels {
		if labels[label] != value {
			t.Error("the budget applies to other pods")
		}
	}
}

// checkScaling checks that there are at least two nodes, that the metric is the
// adapter's, and that scaling down is far slower than scaling up.
func checkScaling(t *testing.T, scaler *autoscaling.HorizontalPodAutoscaler) {
	t.Helper()
	if *scaler.Spec.MinReplicas < 2 || scaler.Spec.ScaleTargetRef.Kind != "Deployment" || scaler.Spec.ScaleTargetRef.Name != "chatserver" {
		t.Errorf("it scales %+v, from %d on", scaler.Spec.ScaleTargetRef, *scaler.Spec.MinReplicas)
	}
	text, err := os.ReadFile("../prometheus/adapter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		Rules struct {
			Default bool          `json:"default"`
			Custom  []adapterRule `json:"custom"`
		} `json:"rules"`
	}
	if err := decode(text, &values); err != nil {
		t.Fatal(err)
	}
	if name := scaler.Spec.Metrics[0].Pods.Metric.Name; len(values.Rules.Custom) != 1 || values.Rules.Custom[0].Name.As != name {
		t.Errorf("the adapter makes %+v, but the autoscaler uses %s", values.Rules.Custom, name)
	}
	down := scaler.Spec.Behavior.ScaleDown
	if *down.StabilizationWindowSeconds < 1800 || len(down.Policies) != 1 || down.Policies[0].Value != 1 || down.Policies[0].PeriodSeconds < 300 {
		t.Errorf("scaling down disconnects people by %+v", down)
	}
}

// adapterRule is a rule of the Prometheus adapter, whose own types are in its main
// package.
type adapterRule struct {
	SeriesQuery string `json:"seriesQuery"`
	Resources   struct {
		Overrides map[string]struct {
			Resource string `json:"resource"`
		} `json:"overrides"`
	} `json:"resources"`
	Name struct {
		Matches string `json:"matches"`
		As      string `json:"as"`
	} `json:"name"`
	MetricsQuery string `json:"metricsQuery"`
}

// checkWaysOut checks that egress allows only DNS, and the database and NATS at one
// place each.
func checkWaysOut(t *testing.T, network *networking.NetworkPolicy) {
	t.Helper()
	var ports []int
	for _, rule := range network.Spec.Egress {
		if len(rule.To) != 1 {
			t.Errorf("egress allows %+v", rule.To)
		}
		for _, port := range rule.Ports {
			ports = append(ports, port.Port.IntValue())
		}
	}
	if !slices.Equal(ports, []int{53, 53, 5432, 4222}) || len(network.Spec.Ingress) != 2 {
		t.Errorf("the egress rules are %+v", network.Spec)
	}
}
