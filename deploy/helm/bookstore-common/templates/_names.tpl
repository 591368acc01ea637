{{/* What things are called: <service>-<role>, whatever the release's name. */}}

{{- define "bookstore.name" -}}
{{ .Chart.Name }}-{{ required "say which release: -f values-command.yaml or -f values-query.yaml" .Values.role }}
{{- end }}

{{- define "bookstore.image" -}}
{{- with .Values.image -}}
{{ with .registry }}{{ . }}/{{ end }}bookstore-{{ $.Chart.Name }}:{{ .tag | default $.Chart.AppVersion }}{{ with .digest }}@{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* The pods of a component: (list . "command"). */}}
{{- define "bookstore.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "bookstore.labels" -}}
{{ include "bookstore.selector" . }}
{{- with index . 0 }}
app.kubernetes.io/part-of: bookstore
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
{{- end }}

{{/* A resource's metadata: (list . name component). */}}
{{- define "bookstore.metadata" -}}
name: {{ index . 1 }}
namespace: {{ (index . 0).Release.Namespace }}
labels:
  {{- include "bookstore.labels" (list (index . 0) (index . 2)) | nindent 2 }}
{{- end }}

{{/* What the specifications say: files/access.yaml, made by `make generate`. */}}
{{- define "bookstore.access" -}}
{{ .Files.Get "files/access.yaml" | required "files/access.yaml is missing: make generate" }}
{{- end }}
