"""Which kinds do not come with Kubernetes, and who has their types."""

# apiVersion -> the module that has a class for each kind.
TYPES = {
    "gateway.networking.k8s.io/v1": "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1",
    "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
    "external-secrets.io/v1": "@kubernetes-models/external-secrets/external-secrets.io/v1",
    "cert-manager.io/v1": "@kubernetes-models/cert-manager/cert-manager.io/v1",
}


def is_custom(thing):
    return thing["apiVersion"] in TYPES
