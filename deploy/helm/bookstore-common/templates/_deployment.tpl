{{/* The pods that serve, and those that work on sagas. */}}

{{- define "bookstore.deployment" }}
{{- $name := include "bookstore.name" . }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  {{- if not .Values.scaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  {{- include "bookstore.rollout" (list . .Values.role) | nindent 2 }}
  template:
    metadata:
      {{- include "bookstore.pod-metadata" (list . .Values.role .Values.secrets.files) | trim | nindent 6 }}
    spec:
      {{- include "bookstore.pod-frame" (list . .Values.role) | trim | nindent 6 }}
      containers:
        - name: {{ .Chart.Name }}
          {{- include "bookstore.container" (list . "serve" $name) | trim | nindent 10 }}
          ports:
            - { name: http, containerPort: 8080 }
            - { name: grpc, containerPort: 9080 }
          {{- include "bookstore.probes" . | nindent 10 }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
{{- end }}

{{- define "bookstore.worker" }}
{{- $name := printf "%s-worker" .Chart.Name }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "bookstore.metadata" (list . $name "worker") | nindent 2 }}
spec:
  replicas: {{ .Values.worker.replicas }}
  {{- include "bookstore.rollout" (list . "worker") | nindent 2 }}
  template:
    metadata:
      {{- include "bookstore.pod-metadata" (list . "worker" .Values.secrets.files) | trim | nindent 6 }}
    spec:
      {{- include "bookstore.pod-frame" (list . "worker") | trim | nindent 6 }}
      containers:
        - name: worker
          {{- include "bookstore.container" (list . "work" (include "bookstore.name" .)) | trim | nindent 10 }}
          env:
            - { name: WORK_AT_ONCE, value: {{ .Values.worker.atOnce | quote }} }
          ports:
            - { name: http, containerPort: 8080 }
          {{- include "bookstore.probes" . | nindent 10 }}
          resources:
            {{- toYaml .Values.worker.resources | nindent 12 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "bookstore.metadata" (list . $name "worker") | nindent 2 }}
spec:
  {{- include "bookstore.budget" (list . "worker") | trim | nindent 2 }}
{{- end }}

{{/* How pods are replaced: (list . component). */}}
{{- define "bookstore.rollout" -}}
revisionHistoryLimit: 3
progressDeadlineSeconds: 180
strategy:
  rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
selector:
  matchLabels:
    {{- include "bookstore.selector" . | nindent 4 }}
{{- end }}

{{/* A pod's spec but for its containers: (list . component). */}}
{{- define "bookstore.pod-frame" -}}
{{- $root := index . 0 }}
serviceAccountName: {{ include "bookstore.name" $root }}
terminationGracePeriodSeconds: {{ $root.Values.drain.grace }}
{{ include "bookstore.pod-security" $root }}
{{ include "bookstore.spread" . }}
{{ include "bookstore.volumes" (list $root $root.Values.secrets.files) }}
{{- end }}

{{/* (list . component) */}}
{{- define "bookstore.budget" -}}
maxUnavailable: 1
unhealthyPodEvictionPolicy: AlwaysAllow # a pod that never gets ready keeps no node from being drained
selector:
  matchLabels:
    {{- include "bookstore.selector" . | nindent 4 }}
{{- end }}
