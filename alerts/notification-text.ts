/** What a notification says, in Alertmanager's template language: what is wrong, with values, and where to look. */
export const NOTIFICATION_TEXT = {
  title:
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] ' +
    '{{ .CommonLabels.alertname }} in {{ .CommonLabels.namespace }}',
  summary: '{{ .CommonLabels.alertname }} in {{ .CommonLabels.namespace }}: {{ .CommonAnnotations.summary }}',
  body:
    '{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n' +
    'Runbook: {{ .Annotations.runbook_url }}\n{{ end }}',
  /** As PagerDuty counts severities. */
  urgency: '{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}',
} as const;
