package schemas_test

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the operator's rules anew from the alerts")

// kinds maps the kinds that we use to their types.
var kinds = map[string]func() any{
	"v1/Namespace":                            func() any { return new(core.Namespace) },
	"v1/ServiceAccount":                       func() any { return new(core.ServiceAccount) },
	"v1/ConfigMap":                            func() any { return new(core.ConfigMap) },
	"v1/Service":                              func() any { return new(core.Service) },
	"apps/v1/StatefulSet":                     func() any { return new(apps.StatefulSet) },
	"apps/v1/Deployment":                      func() any { return new(apps.Deployment) },
	"policy/v1/PodDisruptionBudget":           func() any { return new(policy.PodDisruptionBudget) },
	"autoscaling/v2/HorizontalPodAutoscaler":  func() any { return new(autoscaling.HorizontalPodAutoscaler) },
	"networking.k8s.io/v1/Ingress":            func() any { return new(networking.Ingress) },
	"networking.k8s.io/v1/NetworkPolicy":      func() any { return new(networking.NetworkPolicy) },
	"monitoring.coreos.com/v1/ServiceMonitor": func() any { return new(monitoring.ServiceMonitor) },
	"monitoring.coreos.com/v1/PrometheusRule": func() any { return new(monitoring.PrometheusRule) },
}

// render returns what kubectl apply -k would send, by kind; services also by name.
func render(t *testing.T, folder string) map[string]any {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimPrefix(resource.GetApiVersion()+"/"+resource.GetKind(), "/")
		make, known := kinds[id]
		if !known {
			t.Fatalf("%s: unknown kind %s", folder, id)
		}
		object := make()
		if err := decode(text, object); err != nil {
			t.Fatalf("%s: %s %s: %v", folder, id, resource.GetName(), err)
		}
		if id != "v1/Namespace" && resource.GetNamespace() != "chatserver" {
			t.Errorf("%s %s is in the namespace %q", id, resource.GetName(), resource.GetNamespace())
		}
		all[resource.GetKind()+" "+resource.GetName()] = object
		all[resource.GetKind()] = object
	}
	return all
}

// decode is as strict as Kubernetes, which treats a field with a letter in the wrong
// case as another field.
func decode(text []byte, object any) error {
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	strict, err := json.UnmarshalStrict(asJSON, object)
	return errors.Join(append(strict, err)...)
}

func TestKubernetesUnderstandsTheBase(t *testing.T) {
	t.Parallel()
	all := render(t, "../kubernetes/base")
	set := all["StatefulSet"].(*apps.StatefulSet)
	if *set.Spec.Replicas != 1 {
		t.Error("two servers cannot share a database")
	}
	pod := set.Spec.Template.Spec
	if len(set.Spec.Selector.MatchLabels) == 0 || set.Spec.ServiceName != "chatserver-headless" || all["Service chatserver-headless"] == nil {
		t.Error("the StatefulSet selects no pods, or names another service")
	}
	chat := pod.Containers[0]
	if !slices.ContainsFunc(chat.VolumeMounts, func(m core.VolumeMount) bool {
		return m.Name == set.Spec.VolumeClaimTemplates[0].Name && m.MountPath == "/data"
	}) {
		t.Error("the data is not on the volume")
	}
	ports := map[string]int32{}
	for _, port := range chat.Ports {
		ports[port.Name] = port.ContainerPort
	}
	for _, name := range []string{"chatserver", "chatserver-headless"} {
		service := all["Service "+name].(*core.Service)
		if ports[service.Spec.Ports[0].TargetPort.StrVal] == 0 || service.Spec.Selector["app.kubernetes.io/name"] != set.Spec.Template.Labels["app.kubernetes.io/name"] {
			t.Errorf("the service %s selects no pods", name)
		}
	}
	for what, probe := range map[string]*core.Probe{"/livez": chat.LivenessProbe, "/readyz": chat.ReadinessProbe} {
		if probe.HTTPGet.Path != what || ports[probe.HTTPGet.Port.StrVal] != 9797 {
			t.Errorf("%s requests %+v", what, probe.HTTPGet)
		}
	}
	isRestricted(t, pod)
	backend := all["Ingress"].(*networking.Ingress).Spec.Rules[0].HTTP.Paths[0].Backend.Service
	if backend.Name != "chatserver" || backend.Port.Name != all["Service chatserver"].(*core.Service).Spec.Ports[0].Name {
		t.Errorf("the ingress routes to %+v", backend)
	}
	checkPolicy(t, all["NetworkPolicy"].(*networking.NetworkPolicy))
}

// isRestricted checks that a namespace with the level "restricted" would admit the pod.
func isRestricted(t *testing.T, pod core.PodSpec) {
	t.Helper()
	box := pod.Containers[0].SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault ||
		*box.AllowPrivilegeEscalation || !*box.ReadOnlyRootFilesystem || !slices.Equal(box.Capabilities.Drop, []core.Capability{"ALL"}) {
		t.Error("the pod has more rights than it needs")
	}
	if *pod.AutomountServiceAccountToken {
		t.Error("the pod has a Kubernetes token")
	}
}

// checkPolicy checks that everybody can reach the public port, only the monitoring can
// reach the admin listener, and egress is limited to DNS.
func checkPolicy(t *testing.T, policy *networking.NetworkPolicy) {
	t.Helper()
	for _, rule := range policy.Spec.Ingress {
		if port := rule.Ports[0].Port.StrVal; (port == "ops") != (len(rule.From) > 0) {
			t.Errorf("the port %s is open to %v", port, rule.From)
		}
	}
	for _, rule := range policy.Spec.Egress {
		for _, port := range rule.Ports {
			if port.Port.IntVal != 53 {
				t.Errorf("egress is open to port %s", port.Port)
			}
		}
	}
	if len(policy.Spec.PolicyTypes) != 2 || len(policy.Spec.Ingress) != 2 || len(policy.Spec.Egress) != 1 {
		t.Errorf("the policy is %+v", policy.Spec)
	}
}

// The Prometheus Operator gets the alerts of deploy/prometheus/alerts.yml, and finds the
// server.
func TestTheOperatorUnderstandsTheMonitoring(t *testing.T) {
	t.Parallel()
	const file = "../kubernetes/components/monitoring/prometheusrule.yaml"
	alerts, err := os.ReadFile("../prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	if want := asRule(alerts); *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
	} else if is, err := os.ReadFile(file); err != nil || string(is) != string(want) {
		t.Errorf("%s differs from deploy/prometheus/alerts.yml (%v). Run: go -C deploy/schemas test -update .", file, err)
	}
	all := render(t, "../kubernetes/overlays/monitored")
	if rule := all["PrometheusRule"].(*monitoring.PrometheusRule); len(rule.Spec.Groups) != 1 || len(rule.Spec.Groups[0].Rules) < 10 {
		t.Error("the operator has no alerts")
	}
	monitor, service := all["ServiceMonitor"].(*monitoring.ServiceMonitor), all["Service chatserver-headless"].(*core.Service)
	for label, value := range monitor.Spec.Selector.MatchLabels {
		if service.Labels[label] != value {
			t.Errorf("the monitor selects %s=%s, but the service has %v", label, value, service.Labels)
		}
	}
	if monitor.Spec.Endpoints[0].Port != service.Spec.Ports[0].Name || service.Labels[monitor.Spec.JobLabel] != "chatserver" {
		t.Error("the monitor has no port, or its job has another name than in the alerts")
	}
}

// asRule returns the alerts as a PrometheusRule.
func asRule(alerts []byte) []byte {
	var rule strings.Builder
	rule.WriteString("# Made from deploy/prometheus/alerts.yml: go -C deploy/schemas test -update .\n" +
		"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: chatserver\n" +
		"  labels:\n    app.kubernetes.io/name: chatserver\nspec:\n")
	_, groups, _ := strings.Cut(string(alerts), "groups:\n")
	for line := range strings.Lines("groups:\n" + groups) {
		if line != "\n" {
			line = "  " + line
		}
		rule.WriteString(line)
	}
	return []byte(rule.String())
}
