{{/* Settings: a ConfigMap for what everybody may read, files for what is secret. */}}

{{- define "bookstore.account" }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "bookstore.metadata" (list . (include "bookstore.name" .) .Values.role) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{- define "bookstore.settings" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "bookstore.metadata" (list . (include "bookstore.name" .) .Values.role) | nindent 2 }}
data:
  {{- include "bookstore.settings-data" . | trim | nindent 2 }}
{{- end }}

{{- define "bookstore.settings-data" -}}
HTTP: 0.0.0.0:8080
RPC: 0.0.0.0:9080
ROLE: {{ if and (eq .Values.role "command") (not .Values.mesh.enabled) }}all{{ else }}{{ .Values.role }}{{ end }}
PUBLIC_URL: https://{{ .Values.store.host }}
IDP: keycloak
OIDC_ISSUER: {{ .Values.oidc.issuer }}
OIDC_URL: {{ .Values.oidc.url }}
AUDIENCE: {{ .Values.store.audience }}
CORS_ORIGINS: {{ join "," .Values.store.corsOrigins | quote }}
TRUSTED_PROXIES: {{ join "," .Values.trustedProxies | quote }}
LOG_FORMAT: json
LOG_LEVEL: {{ .Values.telemetry.logLevel }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .Values.telemetry.endpoint | quote }}
OTEL_TRACES_SAMPLER_ARG: {{ .Values.telemetry.share | quote }}
DRAIN_DELAY: {{ .Values.drain.delay | quote }}
{{- range .Values.neighbours }}
{{ upper . }}_RPC: {{ . }}:9080
{{- end }}
{{- if .Values.mesh.enabled }}
RPC_MESH: "true"
{{- end }}
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- include "bookstore.secret-files" (list . .Values.secrets.files) }}
{{- end }}

{{/* DATABASE_URL_FILE: /vault/secrets/database-url and so on: (list . files). */}}
{{- define "bookstore.secret-files" -}}
{{- range $name, $_ := index . 1 }}
{{ $name }}_FILE: /vault/secrets/{{ include "bookstore.secret-file" $name }}
{{- end }}
{{- end }}

{{- define "bookstore.secret-file" -}}
{{ . | lower | replace "_" "-" }}
{{- end }}

{{/* What Vault's injector is told: (list . files onlyBefore). */}}
{{- define "bookstore.vault" -}}
{{- $root := index . 0 }}
{{- if eq $root.Values.secrets.source "vault" }}
vault.hashicorp.com/agent-inject: "true"
vault.hashicorp.com/role: {{ $root.Chart.Name }}
vault.hashicorp.com/agent-pre-populate-only: {{ index . 2 | quote }}
vault.hashicorp.com/agent-service-account-token-volume-name: vault-token
vault.hashicorp.com/agent-run-as-same-user: "true"
vault.hashicorp.com/agent-init-first: "true" # before the sidecar takes the network
{{- range $name, $secret := index . 1 }}
{{- $file := include "bookstore.secret-file" $name }}
{{- $path := printf "%s/data/bookstore/%s/%s" $root.Values.vault.mount $root.Chart.Name $secret.at }}
vault.hashicorp.com/agent-inject-secret-{{ $file }}: {{ $path }}
vault.hashicorp.com/agent-inject-template-{{ $file }}: {{ printf "{{ with secret %q }}{{ .Data.data.%s }}{{ end }}" $path $secret.key | squote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The volumes that secrets come from: (list . files). */}}
{{- define "bookstore.secret-volumes" -}}
{{- $root := index . 0 }}
{{- if eq $root.Values.secrets.source "vault" }}
- name: vault-token
  projected:
    sources:
      - serviceAccountToken: { path: token, expirationSeconds: 3600, audience: {{ $root.Values.vault.audience }} }
{{- else }}
- name: secrets
  secret:
    secretName: {{ $root.Values.secrets.name | default (printf "%s-secrets" $root.Chart.Name) }}
    defaultMode: 0440
    items:
      {{- range $name, $_ := index . 1 }}
      - { key: {{ include "bookstore.secret-file" $name }}, path: {{ include "bookstore.secret-file" $name }} }
      {{- end }}
{{- end }}
{{- end }}
