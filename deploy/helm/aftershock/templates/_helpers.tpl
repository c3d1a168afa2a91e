{{- define "aftershock.labels" -}}
app.kubernetes.io/name: aftershock
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "aftershock.worker" -}}
app.kubernetes.io/name: aftershock
app.kubernetes.io/component: worker
{{- end }}

{{- define "aftershock.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "aftershock.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default "aftershock" }}{{ else }}{{ required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "aftershock.redisSecret" -}}
{{ .Values.storage.redis.existingSecret | default "aftershock-redis" }}
{{- end }}

{{/* The variables from which the worker knows its storage. */}}
{{- define "aftershock.storageEnv" -}}
{{- if eq .Values.storage.kind "embedded" -}}
- name: AFTERSHOCK_STORAGE_URL
  value: embedded:/var/lib/aftershock
{{- else if eq .Values.storage.kind "redis" -}}
- name: REDIS_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ include "aftershock.redisSecret" . }}, key: password } }
- name: AFTERSHOCK_STORAGE_URL
  value: redis://:$(REDIS_PASSWORD)@aftershock-redis.{{ .Release.Namespace }}:6379
{{- else -}}
- name: AFTERSHOCK_STORAGE_URL
  valueFrom: { secretKeyRef: { name: {{ required "storage.external.existingSecret is needed: a Secret with the key url" .Values.storage.external.existingSecret }}, key: url } }
{{- end }}
{{- end }}

{{- define "aftershock.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "aftershock.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}
