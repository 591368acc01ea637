{{/* Migrations, before anything else of the command release: a hook of Helm's, and a first wave of
     Argo CD's. What the Job needs is there before it, and goes when the next one comes. */}}

{{- define "bookstore.hook" -}}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation
{{- end }}

{{- define "bookstore.migration" }}
{{- if and .Values.migration.enabled (eq .Values.role "command") }}
{{- $name := printf "%s-migrate" .Chart.Name }}
{{- $files := pick .Values.secrets.files "DATABASE_URL" }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "bookstore.metadata" (list . $name "migrate") | nindent 2 }}
  {{- include "bookstore.hook" "-2" | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "bookstore.metadata" (list . $name "migrate") | nindent 2 }}
  {{- include "bookstore.hook" "-2" | nindent 2 }}
data:
  LOG_FORMAT: json
  {{- include "bookstore.secret-files" (list . $files) | trim | nindent 2 }}
---
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "bookstore.metadata" (list . $name "migrate") | nindent 2 }}
  {{- include "bookstore.hook" "-1" | nindent 2 }}
spec:
  backoffLimit: 3 # each revision can be run again
  activeDeadlineSeconds: {{ .Values.migration.deadline }}
  template:
    metadata:
      labels:
        {{- include "bookstore.labels" (list . "migrate") | nindent 8 }}
        sidecar.istio.io/inject: "false" # the database is not in the mesh
      {{- with include "bookstore.vault" (list . $files true) | trim }}
      annotations:
        {{- . | nindent 8 }}
      {{- end }}
    spec:
      restartPolicy: Never
      serviceAccountName: {{ $name }}
      {{- include "bookstore.pod-security" . | nindent 6 }}
      {{- include "bookstore.volumes" (list . $files) | nindent 6 }}
      containers:
        - name: migrate
          {{- include "bookstore.container" (list . "migrate" $name) | trim | nindent 10 }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
{{- end }}
{{- end }}
