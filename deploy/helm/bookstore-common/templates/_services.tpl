{{/* Names to reach the pods by: <service>-<role>, and <service> for its neighbours' gRPC calls. */}}

{{- define "bookstore.services" }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "bookstore.metadata" (list . (include "bookstore.name" .) .Values.role) | nindent 2 }}
spec:
  {{- include "bookstore.ports" . | nindent 2 }}
{{- if eq .Values.role "command" }}
---
# Neighbours call this one. In the mesh a VirtualService sends what only reads on to the query
# release; without one all of it comes here, and its name has the address of each pod.
apiVersion: v1
kind: Service
metadata:
  {{- include "bookstore.metadata" (list . .Chart.Name "grpc") | nindent 2 }}
spec:
  {{- if not .Values.mesh.enabled }}
  clusterIP: None
  {{- end }}
  {{- include "bookstore.ports" . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "bookstore.ports" -}}
ports:
  - { name: http, port: 8080, targetPort: http, appProtocol: http }
  - { name: grpc, port: 9080, targetPort: grpc, appProtocol: grpc }
selector:
  {{- include "bookstore.selector" (list . .Values.role) | nindent 2 }}
{{- end }}
