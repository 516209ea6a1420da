{{/*
What differs between roles, callees before their callers. `calls` is the table of deploy/server/src/roles.rs; make k8s-check
compares them.
*/}}
{{- define "perpetuo.roles" -}}
- { name: workspace, database: true, master: true, mail: true, internet: true, service: perpetuo.workspace.v1.Workspaces, calls: [identity, usage-metering, billing] }
- { name: identity, database: true, redis: true, master: true, mail: true, internet: true, service: perpetuo.identity.v1.Identity, calls: [workspace] }
- { name: usage-metering, database: true, redis: true, master: true, mail: true, internet: true, service: perpetuo.usage.v1.Usage, calls: [identity, workspace, billing] }
- { name: billing, database: true, mail: true, internet: true, service: perpetuo.billing.v1.Billing, calls: [identity, workspace, usage-metering] }
- { name: gateway, redis: true, internet: true, service: perpetuo.gateway.v1.Gateway, calls: [identity, workspace, usage-metering] }
- { name: agent-engine, database: true, service: perpetuo.engine.v1.AgentEngine, calls: [identity, workspace, gateway] }
- { name: edge, calls: [identity, workspace, usage-metering, billing, gateway, agent-engine] }
{{- end }}

{{- define "perpetuo.labels" -}}
app.kubernetes.io/name: perpetuo
app.kubernetes.io/component: {{ . }}
{{- end }}

{{- define "perpetuo.image" -}}
{{ .Values.image.repository }}{{ with .Values.image.digest }}@{{ . }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The configuration file with the values merged over it. */}}
{{- define "perpetuo.config" -}}
{{ toYaml (mustMergeOverwrite (.Files.Get "files/perpetuo.yaml" | fromYaml) (deepCopy .Values.config)) }}
{{- end }}
