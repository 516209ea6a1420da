{{/* The restricted Pod Security Standard, and a bit more. */}}
{{- define "perpetuo.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "perpetuo.container" -}}
image: {{ include "perpetuo.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* A variable from a Secret: name, secret, key, optional. */}}
{{- define "perpetuo.variable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end }}

{{/* Variables of a role: root, role. */}}
{{- define "perpetuo.environment" -}}
{{- $secrets := .root.Values.secrets }}
- name: PERPETUO_CONFIG
  value: /etc/perpetuo/config/perpetuo.yaml
{{ include "perpetuo.variable" (dict "name" "PERPETUO__OPS__TOKEN" "secret" $secrets.ops "key" "token") }}
{{- if .role.database }}
{{ include "perpetuo.variable" (dict "name" "DATABASE_URL" "secret" $secrets.database "key" "url") }}
{{- end }}
{{- if .role.redis }}
{{ include "perpetuo.variable" (dict "name" "REDIS_URL" "secret" $secrets.redis "key" "url") }}
{{- end }}
{{- if .role.mail }}
{{ include "perpetuo.variable" (dict "name" "PERPETUO__MAIL__SMTP__PASSWORD" "secret" $secrets.mail "key" "password" "optional" true) }}
{{- end }}
{{- if .root.Values.tls.enabled }}
{{- range $called := list "workspace" "identity" "usage-metering" "billing" "gateway" "agent-engine" }}
- name: PERPETUO__PEERS__{{ $called | replace "-" "_" | upper }}
  value: https://{{ $called }}:9090
{{- end }}
- { name: PERPETUO__PEERS__PLAINTEXT, value: "false" }
- { name: PERPETUO__PEERS__TLS__CA_FILE, value: /etc/perpetuo/tls/ca.crt }
- { name: PERPETUO__PEERS__TLS__CERT_FILE, value: /etc/perpetuo/tls/tls.crt }
- { name: PERPETUO__PEERS__TLS__KEY_FILE, value: /etc/perpetuo/tls/tls.key }
- { name: PERPETUO__GRPC__TLS__CERT_FILE, value: /etc/perpetuo/tls/tls.crt }
- { name: PERPETUO__GRPC__TLS__KEY_FILE, value: /etc/perpetuo/tls/tls.key }
- { name: PERPETUO__GRPC__TLS__CLIENT_CA_FILE, value: /etc/perpetuo/tls/ca.crt }
- { name: PERPETUO__GRPC__TLS__REQUIRE_CLIENT_CERTIFICATE, value: "true" }
{{- end }}
{{- end }}

{{/* Volumes of a role: root, role. */}}
{{- define "perpetuo.volumes" -}}
{{- $secrets := .root.Values.secrets }}
- name: config
  configMap: { name: perpetuo-config }
- name: peers
  projected:
    defaultMode: 0400
    sources:
      - secret: { name: {{ $secrets.peerPublic }} }
      - secret: { name: {{ $secrets.peerKeys }}, items: [{ key: {{ .role.name }}.key, path: {{ .role.name }}.key }] }
{{- if .role.master }}
- name: master
  secret: { secretName: {{ $secrets.masterKey }}, defaultMode: 0400, items: [{ key: master.key, path: master.key }] }
{{- end }}
{{- if eq .role.name "gateway" }}
- name: spool
  emptyDir: { sizeLimit: 256Mi }
{{- end }}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret: { secretName: perpetuo-tls-{{ .role.name }}, defaultMode: 0400 }
{{- end }}
{{- end }}
