{{/* `helm test`: is it ready, its database and its neighbours' addresses among it? */}}
{{- define "bookstore.test" }}
{{- $name := include "bookstore.name" . }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ $name }}-test
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "bookstore.labels" (list . "test") | nindent 4 }}
    sidecar.istio.io/inject: {{ .Values.mesh.enabled | quote }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
    proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true}'
spec:
  restartPolicy: Never
  serviceAccountName: {{ $name }}
  {{- include "bookstore.pod-security" . | nindent 2 }}
  containers:
    - name: test
      image: {{ include "bookstore.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command:
        - python3
        - -c
        - |
          from urllib.request import urlopen
          print(urlopen("http://{{ $name }}:8080/readyz", timeout=10).read().decode())
      {{- include "bookstore.container-security" . | nindent 6 }}
      resources:
        requests: { cpu: 10m, memory: 32Mi }
        limits: { memory: 64Mi }
{{- end }}
