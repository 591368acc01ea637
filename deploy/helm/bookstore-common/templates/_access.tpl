{{/* Whose tokens count, and who may do what: as the OpenAPI files say, of which files/access.yaml is
     made. The services check it all again, and ownership too. */}}

{{- define "bookstore.access-rules" }}
{{- $access := include "bookstore.access" . | fromYaml }}
{{- $mine := index $access .Values.role }}
{{- $name := include "bookstore.name" . }}
{{- $paths := list }}
{{- range $access.known }}{{ $paths = append $paths .path }}{{ end }}
{{- $people := printf "%s/*" .Values.oidc.issuer }}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "bookstore.selector" (list . .Values.role) | nindent 6 }}
  jwtRules:
    - issuer: {{ .Values.oidc.issuer }}
      audiences: [{{ .Values.store.audience }}]
      {{- if .Values.oidc.keys }}
      jwks: {{ .Values.oidc.keys | quote }}
      {{- else }}
      jwksUri: {{ .Values.oidc.url }}/protocol/openid-connect/certs
      {{- end }}
      forwardOriginalToken: true
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  selector:
    matchLabels:
      {{- include "bookstore.selector" (list . .Values.role) | nindent 6 }}
  action: ALLOW
  rules:
    {{- with $mine.public }}
    # Everybody.
    - to:
        {{- include "bookstore.operations" . | trim | nindent 8 }}
    {{- end }}
    {{- range $mine.roles }}
    # {{ join " or " .roles }}
    - from: [{ source: { requestPrincipals: [{{ $people | quote }}] } }]
      to:
        {{- include "bookstore.operations" .operations | trim | nindent 8 }}
      when: [{ key: "request.auth.claims[realm_access][roles]", values: {{ .roles | toJson }} }]
    {{- end }}
    # What there is not: the service says so (404, 405) to whoever has a token.
    - from: [{ source: { requestPrincipals: [{{ $people | quote }}] } }]
      to:
        - operation:
            notPorts: ["9080"]
            notPaths: {{ concat $paths (list "/metrics" "/readyz" "/healthz") | toJson }}
        {{- range $access.known }}
        - operation: { paths: [{{ .path | quote }}], notMethods: {{ .methods | toJson }}, notPorts: ["9080"] }
        {{- end }}
    {{- with .Values.store.corsOrigins }}
    # A browser asks before it asks, and has no token then.
    - to: [{ operation: { methods: [OPTIONS], notPorts: ["9080"] } }]
    {{- end }}
    {{- with include "bookstore.callers" (list . $access.callers) | trim }}
    # Its neighbours' gRPC calls: the pod's certificate says who, and the token that it is a service.
    # How it is may be asked without a token.
    - from:
        - source:
            requestPrincipals: [{{ $people | quote }}]
            principals:
              {{- . | nindent 14 }}
      to: [{ operation: { ports: ["9080"] } }]
      when: [{ key: "request.auth.claims[realm_access][roles]", values: [system] }]
    - from:
        - source:
            principals:
              {{- . | nindent 14 }}
      to: [{ operation: { ports: ["9080"], methods: [POST], paths: [/grpc.health.v1.Health/Check, /grpc.health.v1.Health/Watch] } }]
    {{- end }}
    # Prometheus, and `helm test`.
    {{- include "bookstore.scraping" . | nindent 4 }}
    - from: [{ source: { principals: [{{ .Values.mesh.trustDomain }}/ns/{{ .Release.Namespace }}/sa/{{ $name }}] } }]
      to: [{ operation: { methods: [GET], paths: [/readyz] } }]
{{- end }}

{{- define "bookstore.operations" -}}
{{- range . }}
- operation: { methods: {{ .methods | toJson }}, paths: {{ .paths | toJson }} }
{{- end }}
{{- end }}

{{- define "bookstore.scraping" -}}
- from: [{ source: { namespaces: [{{ .Values.network.monitoring }}] } }]
  to: [{ operation: { methods: [GET], paths: [/metrics] } }]
{{- end }}

{{/* The accounts of the pods that call it: (list . names). */}}
{{- define "bookstore.callers" -}}
{{- $root := index . 0 }}
{{- range index . 1 }}
{{- $account := printf "%s/ns/%s/sa/%s" $root.Values.mesh.trustDomain $root.Release.Namespace . }}
- {{ $account }}-command
- {{ $account }}-query
{{- end }}
{{- end }}
