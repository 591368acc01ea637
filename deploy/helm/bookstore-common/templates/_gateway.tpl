{{/* The gateway of the six, and its certificate, which has to be where the gateway's pods are:
     reflector copies it there. One release has them: catalog's command release. */}}

{{- define "bookstore.gateway" }}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  {{- include "bookstore.metadata" (list . .Values.mesh.gateway .Values.role) | nindent 2 }}
spec:
  selector:
    {{- toYaml .Values.gateway.selector | nindent 4 }}
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [{{ .Values.store.host }}]
      tls: { httpsRedirect: true }
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [{{ .Values.store.host }}]
      tls: { mode: SIMPLE, credentialName: {{ .Values.gateway.certificate.secret }}, minProtocolVersion: TLSV1_2 }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "bookstore.metadata" (list . .Values.mesh.gateway .Values.role) | nindent 2 }}
spec:
  secretName: {{ .Values.gateway.certificate.secret }}
  dnsNames: [{{ .Values.store.host }}]
  issuerRef: { kind: {{ .Values.gateway.certificate.kind }}, name: {{ .Values.gateway.certificate.issuer }} }
  privateKey: { algorithm: ECDSA, size: 256, rotationPolicy: Always }
  secretTemplate:
    annotations:
      reflector.v1.k8s.emberstack.com/reflection-allowed: "true"
      reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces: {{ .Values.gateway.certificate.namespace }}
      reflector.v1.k8s.emberstack.com/reflection-auto-enabled: "true"
      reflector.v1.k8s.emberstack.com/reflection-auto-namespaces: {{ .Values.gateway.certificate.namespace }}
{{- end }}
