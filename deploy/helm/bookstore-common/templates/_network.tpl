{{/* Who may reach the pods, and whom they may reach; Kubernetes' own rules, below the mesh's. */}}

{{- define "bookstore.network" }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "bookstore.metadata" (list . (include "bookstore.name" .) .Values.role) | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "bookstore.selector" (list . .Values.role) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - {{ include "bookstore.namespace" .Values.network.gateway }}
        - podSelector: # helm test
            matchLabels:
              {{- include "bookstore.selector" (list . "test") | nindent 14 }}
      ports: [{ port: 8080 }]
    {{- with (include "bookstore.access" . | fromYaml).callers }}
    - from:
        {{- range . }}
        - podSelector: { matchLabels: { app.kubernetes.io/name: {{ . }} } }
        {{- end }}
      ports: [{ port: 9080 }]
    {{- end }}
    {{- include "bookstore.monitored" . | nindent 4 }}
  egress:
    {{- include "bookstore.egress" . | nindent 4 }}
{{- if and .Values.worker.enabled (eq .Values.role "command") }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "bookstore.metadata" (list . (printf "%s-worker" .Chart.Name) "worker") | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "bookstore.selector" (list . "worker") | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- include "bookstore.monitored" . | nindent 4 }}
  egress:
    {{- include "bookstore.egress" . | nindent 4 }}
{{- end }}
{{- end }}

{{- define "bookstore.namespace" -}}
namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ . }} } }
{{- end }}

{{/* Prometheus: our metrics, and the sidecar's. */}}
{{- define "bookstore.monitored" -}}
- from:
    - {{ include "bookstore.namespace" .Values.network.monitoring }}
  ports: [{ port: 8080 }{{ if .Values.mesh.enabled }}, { port: 15020 }, { port: 15090 }{{ end }}]
{{- end }}

{{- define "bookstore.egress" -}}
- to:
    - {{ include "bookstore.namespace" "kube-system" }}
  ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- with .Values.neighbours }}
- to:
    {{- range . }}
    - podSelector: { matchLabels: { app.kubernetes.io/name: {{ . }} } }
    {{- end }}
  ports: [{ port: 9080 }]
{{- end }}
{{- if .Values.mesh.enabled }}
- to:
    - {{ include "bookstore.namespace" .Values.network.mesh }}
  ports: [{ port: 15012 }]
{{- end }}
{{- range .Values.network.egress }}
- to:
    - {{ with .namespace }}{{ include "bookstore.namespace" . }}{{ else }}ipBlock: { cidr: {{ .cidr }} }{{ end }}
  ports: [{ port: {{ .port }} }]
{{- end }}
{{- end }}
