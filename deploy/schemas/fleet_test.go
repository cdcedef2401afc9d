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

// drain is how long a chat takes to stop, at most.
const drain = 10 * time.Second

// A fleet of pods: nobody is cut off for nothing, and no pod keeps what others lack.
func TestKubernetesUnderstandsTheFleet(t *testing.T) {
	t.Parallel()
	all, base := render(t, "../kubernetes/ha"), render(t, "../kubernetes/base")
	deployment := all["Deployment"].(*apps.Deployment)
	if all["StatefulSet"] != nil || deployment.Spec.Replicas != nil {
		t.Error("there is a node with a volume, or each apply undoes what the autoscaler chose")
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
			t.Errorf("%s is %q, and in the base %q", name, settings[name], value)
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
				t.Errorf("the %s leads nowhere", service)
			}
		}
	}
}

// checkPod: it is asked for as the base is, may as little, keeps nothing, and is
// killed only after it had the time to stop.
func checkPod(t *testing.T, pod, base core.PodSpec) {
	t.Helper()
	isRestricted(t, pod)
	chat, before := pod.Containers[0], base.Containers[0]
	for what, probes := range map[string][2]*core.Probe{
		"start": {chat.StartupProbe, before.StartupProbe}, "life": {chat.LivenessProbe, before.LivenessProbe}, "readiness": {chat.ReadinessProbe, before.ReadinessProbe},
	} {
		if probes[0] == nil || !reflect.DeepEqual(probes[0], probes[1]) {
			t.Errorf("its %s is asked for otherwise than in the base", what)
		}
	}
	var slept time.Duration
	if chat.Lifecycle != nil && chat.Lifecycle.PreStop.Sleep != nil {
		slept = time.Duration(chat.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	}
	if slept < 5*time.Second {
		t.Errorf("it stops after %v, and people are still sent to it", slept)
	}
	if grace := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; grace < slept+drain+5*time.Second {
		t.Errorf("it is killed after %v, and stops within %v", grace, slept+drain)
	}
	for _, volume := range pod.Volumes {
		if volume.PersistentVolumeClaim != nil || volume.HostPath != nil || volume.EmptyDir == nil && volume.Secret == nil {
			t.Errorf("%s outlives the pod", volume.Name)
		}
	}
}

// checkSecrets: what the chat reads is where the secret is, readable for its group
// only, and the secret itself is nowhere in what is applied.
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
		t.Error("the secrets are readable for others, or not for the chat")
	}
	for name, value := range settings {
		if strings.Contains(value, "://") {
			t.Errorf("%s tells everybody %s", name, value)
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
				t.Errorf("%s spreads others", spread.TopologyKey)
			}
		}
	}
	if !keys["kubernetes.io/hostname"] || !keys["topology.kubernetes.io/zone"] {
		t.Errorf("two nodes may be on one machine or in one zone: %v", keys)
	}
}

func checkBudget(t *testing.T, budget *policy.PodDisruptionBudget, labels map[string]string) {
	t.Helper()
	if budget.Spec.MaxUnavailable == nil || budget.Spec.MaxUnavailable.String() != "1" {
		t.Error("of two nodes both may be taken away")
	}
	if len(budget.Spec.Selector.MatchLabels) == 0 {
		t.Error("the budget is for all that is in the namespace")
	}
	for label, value := range budget.Spec.Selector.MatchLabels {
		if labels[label] != value {
			t.Error("the budget is for others")
		}
	}
}

// checkScaling: never below two, by the metric that the adapter makes, and down far
// more slowly than up.
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
		t.Errorf("the adapter makes %+v, and %s is waited for", values.Rules.Custom, name)
	}
	down := scaler.Spec.Behavior.ScaleDown
	if *down.StabilizationWindowSeconds < 1800 || len(down.Policies) != 1 || down.Policies[0].Value != 1 || down.Policies[0].PeriodSeconds < 300 {
		t.Errorf("people are sent away by %+v", down)
	}
}

// adapterRule is a rule of the Prometheus adapter, whose types are in its own program.
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

// checkWaysOut: beside names nothing but the database and NATS is reached, each in
// one place.
func checkWaysOut(t *testing.T, network *networking.NetworkPolicy) {
	t.Helper()
	var ports []int
	for _, rule := range network.Spec.Egress {
		if len(rule.To) != 1 {
			t.Errorf("the way out leads to %+v", rule.To)
		}
		for _, port := range rule.Ports {
			ports = append(ports, port.Port.IntValue())
		}
	}
	if !slices.Equal(ports, []int{53, 53, 5432, 4222}) || len(network.Spec.Ingress) != 2 {
		t.Errorf("the ways are %+v", network.Spec)
	}
}
