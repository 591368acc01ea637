{{/* How the mesh treats the pods: nothing but mutual TLS, and care with who is ill. */}}

{{- define "bookstore.mesh" }}
{{- $name := include "bookstore.name" . }}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "bookstore.selector" (list . .Values.role) | nindent 6 }}
  mtls: { mode: STRICT }
{{- if and .Values.worker.enabled (eq .Values.role "command") }}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  {{- include "bookstore.metadata" (list . (printf "%s-worker" .Chart.Name) "worker") | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "bookstore.selector" (list . "worker") | nindent 6 }}
  mtls: { mode: STRICT }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  {{- include "bookstore.metadata" (list . (printf "%s-worker" .Chart.Name) "worker") | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "bookstore.selector" (list . "worker") | nindent 6 }}
  action: ALLOW # nobody but Prometheus asks it anything
  rules:
    {{- include "bookstore.scraping" . | nindent 4 }}
{{- end }}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  host: {{ include "bookstore.host" (list . $name) }}
  trafficPolicy:
    tls: { mode: ISTIO_MUTUAL }
    loadBalancer: { simple: LEAST_REQUEST }
    connectionPool:
      tcp: { connectTimeout: 1s, maxConnections: 1024 }
      http: { http1MaxPendingRequests: 1024, http2MaxRequests: 4096, idleTimeout: 75s }
    outlierDetection: { consecutiveGatewayErrors: 5, consecutive5xxErrors: 0, interval: 5s, baseEjectionTime: 15s, maxEjectionPercent: 50 }
{{- end }}

{{/* A Service's whole name, which means the same from every namespace: (list . service). */}}
{{- define "bookstore.host" -}}
{{ index . 1 }}.{{ (index . 0).Release.Namespace }}.svc.cluster.local
{{- end }}
