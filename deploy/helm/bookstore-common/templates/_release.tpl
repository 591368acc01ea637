{{/* A release, whole: what each of the six charts consists of. */}}
{{- define "bookstore.release" -}}
{{- include "bookstore.migration" . }}
{{- include "bookstore.account" . }}
{{- include "bookstore.settings" . }}
{{- include "bookstore.deployment" . }}
{{- include "bookstore.services" . }}
{{- include "bookstore.scaling" . }}
{{- if and .Values.worker.enabled (eq .Values.role "command") }}
{{- include "bookstore.worker" . }}
{{- end }}
{{- if .Values.network.enabled }}
{{- include "bookstore.network" . }}
{{- end }}
{{- if .Values.mesh.enabled }}
{{- include "bookstore.mesh" . }}
{{- include "bookstore.access-rules" . }}
{{- if .Values.routes.enabled }}
{{- include "bookstore.routes" . }}
{{- end }}
{{- if .Values.gateway.create }}
{{- include "bookstore.gateway" . }}
{{- end }}
{{- end }}
{{- if .Values.monitoring.enabled }}
{{- include "bookstore.monitors" . }}
{{- end }}
{{- include "bookstore.test" . }}
{{- end }}
