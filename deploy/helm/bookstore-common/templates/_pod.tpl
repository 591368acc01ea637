{{/* What every pod and every container of ours has. */}}

{{- define "bookstore.pod-security" -}}
enableServiceLinks: false # ORDER_PORT=tcp://… is no setting of ours
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "bookstore.container-security" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Image, arguments and settings: (list . command configMap). */}}
{{- define "bookstore.container" -}}
{{- $root := index . 0 }}
image: {{ include "bookstore.image" $root }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: [{{ index . 1 }}]
envFrom:
  - configMapRef: { name: {{ index . 2 }} }
{{ include "bookstore.container-security" $root }}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  {{- if eq $root.Values.secrets.source "kubernetes" }}
  - { name: secrets, mountPath: /vault/secrets, readOnly: true }
  {{- end }}
{{- end }}

{{/* (list . files) */}}
{{- define "bookstore.volumes" -}}
volumes:
  - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
  {{- include "bookstore.secret-volumes" . | trim | nindent 2 }}
{{- end }}

{{- define "bookstore.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
lifecycle:
  preStop:
    sleep: { seconds: {{ .Values.drain.pause }} } # until nobody sends it anything new
{{- end }}

{{/* Spread over nodes and zones, as far as there are any: (list . component). */}}
{{- define "bookstore.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "bookstore.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}

{{/* A pod's metadata: labels, the sidecar, Vault, and what makes it anew when settings change:
     (list . component files). */}}
{{- define "bookstore.pod-metadata" -}}
{{- $root := index . 0 }}
labels:
  {{- include "bookstore.labels" (list $root (index . 1)) | nindent 2 }}
  sidecar.istio.io/inject: {{ $root.Values.mesh.enabled | quote }}
annotations:
  bookstore.example/settings: {{ include "bookstore.settings-data" $root | sha256sum }}
  {{- if $root.Values.mesh.enabled }}
  proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true, "terminationDrainDuration": "{{ $root.Values.drain.grace }}s"}'
  {{- with $root.Values.mesh.outside }}
  traffic.sidecar.istio.io/excludeOutboundPorts: {{ join "," . | quote }}
  {{- end }}
  {{- end }}
  {{- include "bookstore.vault" (list $root (index . 2) false) | trim | nindent 2 }}
{{- end }}
