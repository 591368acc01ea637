{{/* What goes to the query release and what to the command release, of the clients' requests and of
     the neighbours' gRPC calls. The command release has these for both. */}}

{{- define "bookstore.routes" }}
{{- $access := include "bookstore.access" . | fromYaml }}
{{- $query := include "bookstore.host" (list . (printf "%s-query" .Chart.Name)) }}
{{- $command := include "bookstore.host" (list . (printf "%s-command" .Chart.Name)) }}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  {{- include "bookstore.metadata" (list . .Chart.Name .Values.role) | nindent 2 }}
spec:
  hosts: [{{ .Values.store.host }}]
  gateways: [{{ .Values.mesh.gateway }}]
  http:
    {{- with $access.reads }}
    - name: reads-by-another-method
      match:
        {{- range . }}
        - { uri: { exact: {{ .path }} }, method: { exact: {{ .method }} } }
        {{- end }}
      route: [{ destination: { host: {{ $query }}, port: { number: 8080 } } }]
      timeout: {{ $.Values.routes.timeout }}
      retries: { attempts: 0 }
    {{- end }}
    - name: reads
      match:
        {{- range $access.prefixes }}
        - { uri: { regex: {{ printf "%s(/.*)?" . | quote }} }, method: { regex: GET|HEAD } }
        {{- end }}
      route: [{ destination: { host: {{ $query }}, port: { number: 8080 } } }]
      timeout: {{ .Values.routes.timeout }} # a client may have us wait 60 s (Prefer)
      retries: { attempts: 2, perTryTimeout: 10s, retryOn: "connect-failure,refused-stream,reset,503" }
    - name: the-rest
      match:
        {{- range $access.prefixes }}
        - { uri: { regex: {{ printf "%s(/.*)?" . | quote }} } }
        {{- end }}
      route: [{ destination: { host: {{ $command }}, port: { number: 8080 } } }]
      timeout: {{ .Values.routes.timeout }}
      retries: { attempts: 0 } # not said, it would be 2, and a purchase be sent again
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  {{- include "bookstore.metadata" (list . (printf "%s-grpc" .Chart.Name) .Values.role) | nindent 2 }}
spec:
  hosts: [{{ include "bookstore.host" (list . .Chart.Name) }}]
  gateways: [mesh]
  http:
    - name: reads
      match: [{ port: 9080, uri: { regex: "/[a-z]+[.]v1[.][A-Za-z]+/Find.*" } }]
      route: [{ destination: { host: {{ $query }}, port: { number: 9080 } } }]
      retries: { attempts: 2, retryOn: "connect-failure,refused-stream,unavailable" }
    - name: the-rest
      match: [{ port: 9080 }]
      route: [{ destination: { host: {{ $command }}, port: { number: 9080 } } }]
      retries: { attempts: 0 }
{{- end }}
