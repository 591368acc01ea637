{{/* How many pods there are, and how many may be taken away at once. */}}
{{- define "bookstore.scaling" }}
{{- $name := include "bookstore.name" . }}
{{- if .Values.scaling.enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ $name }} }
  minReplicas: {{ .Values.scaling.min }}
  maxReplicas: {{ .Values.scaling.max }}
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ .Values.scaling.cpu }} } }
  behavior:
    scaleDown: { stabilizationWindowSeconds: 300 }
{{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "bookstore.metadata" (list . $name .Values.role) | nindent 2 }}
spec:
  {{- include "bookstore.budget" (list . .Values.role) | trim | nindent 2 }}
{{- end }}
