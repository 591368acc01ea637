{{/* What a pod is told of Vault: (list . secrets role onlyBefore). */}}
{{- define "server.vault" -}}
{{- $root := index . 0 }}
vault.hashicorp.com/agent-inject: "true"
vault.hashicorp.com/role: {{ index . 2 }}
vault.hashicorp.com/agent-pre-populate-only: "true"
vault.hashicorp.com/agent-service-account-token-volume-name: vault-token
vault.hashicorp.com/agent-run-as-same-user: "true"
{{- range $file, $secret := index . 1 }}
{{- $path := printf "%s/data/%s" $root.Values.vault.mount $secret.path }}
vault.hashicorp.com/agent-inject-secret-{{ $file }}: {{ $path }}
vault.hashicorp.com/agent-inject-template-{{ $file }}: {{ printf "{{ with secret %q }}{{ .Data.data.%s }}{{ end }}" $path $secret.key | squote }}
{{- end }}
{{- end }}

{{- define "server.pod" -}}
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.user }}
  runAsGroup: {{ .Values.group }}
  fsGroup: {{ .Values.group }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "server.volumes" -}}
- name: vault-token
  projected:
    sources:
      - serviceAccountToken: { path: token, expirationSeconds: 3600, audience: {{ .Values.vault.audience }} }
- name: files
  configMap: { name: {{ .Release.Name }}, defaultMode: 0555 }
- name: scratch
  emptyDir: {}
{{- end }}

{{- define "server.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: files, mountPath: /etc/server, readOnly: true }
  {{- range $name, $path := .Values.mounts }}
  - { name: files, mountPath: {{ $path }}, subPath: {{ $name }}, readOnly: true }
  {{- end }}
  {{- range $number, $folder := .Values.scratch }}
  - { name: scratch, mountPath: {{ $folder }}, subPath: {{ printf "folder-%d" $number }} }
  {{- end }}
  {{- if .Values.storage }}
  - { name: data, mountPath: {{ .Values.data }}, subPath: data }
  {{- end }}
{{- end }}

{{- define "server.env" }}
{{- with . }}
env:
  {{- range $name, $value := . }}
  - { name: {{ $name }}, value: {{ $value | quote }} }
  {{- end }}
{{- end }}
{{- end }}
