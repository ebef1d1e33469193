{{- define "callcenter.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of a component: (dict "root" $ "component" "api") */}}
{{- define "callcenter.selector" -}}
app.kubernetes.io/name: callcenter
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "callcenter.labels" -}}
{{ include "callcenter.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* (dict "image" .Values.image "root" $) */}}
{{- define "callcenter.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* What every pod of ours has in common. */}}
{{- define "callcenter.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{ toYaml . | indent 2 }}
{{- end }}
{{- end -}}

{{- define "callcenter.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- define "callcenter.ours" -}}
image: {{ include "callcenter.image" (dict "image" .Values.image "root" .) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{ include "callcenter.container" . }}
{{- end -}}

{{- define "callcenter.mounts" -}}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: data, mountPath: /data}
{{- end -}}

{{- define "callcenter.volumes" -}}
volumes:
  - name: tmp
    emptyDir: {medium: Memory, sizeLimit: 64Mi}
  - name: data
    emptyDir: {sizeLimit: 1Gi}
{{- end -}}

{{/* Spread over machines where there are several. */}}
{{- define "callcenter.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
{{ include "callcenter.selector" . | indent 8 }}
{{- end -}}

{{/* One variable from the Secret: (dict "root" $ "key" "DATABASE_URL") */}}
{{- define "callcenter.secret" -}}
- name: {{ .key }}
  valueFrom:
    secretKeyRef:
      name: {{ required "existingSecret: the name of a Secret with DATABASE_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, CALLCENTER_DESK_SECRET, CALLCENTER_SECRETS_KEY and OPENAI_API_KEY" .root.Values.existingSecret }}
      key: {{ .key }}
{{- end -}}

{{- define "callcenter.env.livekit" -}}
- name: LIVEKIT_URL
  value: {{ required "livekit.url: where pods reach LiveKit, such as ws://livekit-server.livekit.svc:80" .Values.livekit.url | quote }}
{{ include "callcenter.secret" (dict "root" . "key" "LIVEKIT_API_KEY") }}
{{ include "callcenter.secret" (dict "root" . "key" "LIVEKIT_API_SECRET") }}
{{- end -}}

{{- define "callcenter.env.common" -}}
{{ include "callcenter.secret" (dict "root" . "key" "OPENAI_API_KEY") }}
- name: OPENAI_BASE_URL
  value: {{ .Values.openai.baseUrl | quote }}
{{ include "callcenter.secret" (dict "root" . "key" "CALLCENTER_DESK_SECRET") }}
- name: CALLCENTER_DESK_URL
  value: ws://{{ include "callcenter.name" . }}-api:8000/desk
- name: CALLCENTER_DRAIN_SECONDS
  value: {{ .Values.drainSeconds | quote }}
- name: CALLCENTER_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- range $name, $value := .Values.extraEnv }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "callcenter.env.control" -}}
{{ include "callcenter.secret" (dict "root" . "key" "DATABASE_URL") }}
{{ include "callcenter.secret" (dict "root" . "key" "CALLCENTER_SECRETS_KEY") }}
{{ include "callcenter.env.livekit" . }}
{{ include "callcenter.env.common" . }}
- name: CALLCENTER_MAX_CALL_SECONDS
  value: {{ .Values.maxCallSeconds | quote }}
{{- end -}}

{{/* Both read how old the files are that every process touches (callcenter/platform/wire/pulse.py). */}}
{{- define "callcenter.probe.ready" -}}
exec: {command: [sh, -c, 'test -n "$(find /tmp/pulse.ready -newermt "-10 seconds")"']}
{{- end -}}

{{- define "callcenter.probe.alive" -}}
exec: {command: [sh, -c, 'test -n "$(find /tmp/pulse -newermt "-{{ . }} seconds")"']}
{{- end -}}
