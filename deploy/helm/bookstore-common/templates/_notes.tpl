{{- define "bookstore.notes" -}}
{{- $name := include "bookstore.name" . -}}
{{- $ns := .Release.Namespace -}}
{{ .Chart.Name }}, the {{ .Values.role }} release, is installed as {{ $name }} in {{ $ns }}.

See that it serves:

  kubectl -n {{ $ns }} rollout status deployment/{{ $name }} --timeout=120s
  helm -n {{ $ns }} test {{ .Release.Name }}

Look at what it says:

  kubectl -n {{ $ns }} logs deployment/{{ $name }} -c {{ .Chart.Name }} --tail=20
{{- if and .Values.worker.enabled (eq .Values.role "command") }}
  kubectl -n {{ $ns }} logs deployment/{{ .Chart.Name }}-worker -c worker --tail=20
{{- end }}
{{- if eq .Values.role "command" }}

Next, unless it is there already, what answers questions (in deploy/helm):

  helm -n {{ $ns }} upgrade --install {{ .Chart.Name }}-query {{ .Chart.Name }} -f {{ .Chart.Name }}/values-query.yaml --wait
{{- else if .Values.mesh.enabled }}

Clients reach it at https://{{ .Values.store.host }}: safe methods come here, the rest goes to {{ .Chart.Name }}-command.
{{- end }}

Take back an upgrade that went wrong (migrations stay: they add, and the version before can live with them):

  helm -n {{ $ns }} rollback {{ .Release.Name }}
{{- end }}
