{{/* What Prometheus scrapes. In the mesh it shows a certificate of the mesh, which its own sidecar
     keeps in /etc/prom-certs. */}}

{{- define "bookstore.monitors" }}
---
{{- include "bookstore.monitor" (list . (include "bookstore.name" .) .Values.role) }}
{{- if and .Values.worker.enabled (eq .Values.role "command") }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "bookstore.metadata" (list . (printf "%s-worker" .Chart.Name) "worker") | nindent 2 }}
spec:
  clusterIP: None # nobody calls it; Prometheus finds the pods by it
  ports:
    - { name: http, port: 8080, targetPort: http, appProtocol: http }
  selector:
    {{- include "bookstore.selector" (list . "worker") | nindent 4 }}
---
{{- include "bookstore.monitor" (list . (printf "%s-worker" .Chart.Name) "worker") }}
{{- end }}
{{- end }}

{{/* (list . name component) */}}
{{- define "bookstore.monitor" }}
{{- $root := index . 0 }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "bookstore.metadata" . | nindent 2 }}
    {{- toYaml $root.Values.monitoring.labels | nindent 4 }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      {{- include "bookstore.selector" (list $root (index . 2)) | nindent 6 }}
  endpoints:
    - port: http
      path: /metrics
      interval: {{ $root.Values.monitoring.interval }}
      {{- if $root.Values.mesh.enabled }}
      scheme: https
      tlsConfig:
        caFile: /etc/prom-certs/root-cert.pem
        certFile: /etc/prom-certs/cert-chain.pem
        keyFile: /etc/prom-certs/key.pem
        insecureSkipVerify: true # a pod's certificate names its account, and no host
      {{- end }}
{{- end }}
