"""The manifests are what Kubernetes takes, to the letter, and run commands, options and variables that exist."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from antennactl.pipeline.run import STOP_WITHIN_S
from antennactl.pipeline.watchdog import HANGS_AFTER_S
from antennactl.rules.kafka_properties import check_properties
from antennactl.settings import Settings
from deploy_files import DEPLOY, settings_of

FOLDER = DEPLOY / "kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
MANIFESTS: list[dict[str, Any]] = [
    manifest
    for name in KUSTOMIZATION["resources"]
    for manifest in yaml.safe_load_all((FOLDER / name).read_text())
]
# The oldest that has all that is used, as stable parts, and the newest whose schemas are there.
VERSIONS = ("1.31", kubernetes_validate.latest_version())
POD = "antennactl-stream-0"
OF_SOME = {"ANTENNACTL_KEEP", "ANTENNACTL_KEEP_LAKE", "ANTENNACTL_LATENESS"}
"""Variables that all pods get and some commands read."""


def title(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


NAMED = {title(manifest): manifest for manifest in MANIFESTS}


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the title of each workload, and the specification of its pods."""
    for name, manifest in NAMED.items():
        spec = manifest.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield name, template["spec"]


PODS = dict(pods())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=title)
def test_kubernetes_takes_it(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_a_word_that_kubernetes_does_not_know_would_be_noticed() -> None:
    wrong = json.loads(json.dumps(NAMED["CronJob antennactl-batch"]))
    wrong["spec"]["jobTemplate"]["spec"]["backofLimit"] = 1
    with pytest.raises(kubernetes_validate.ValidationError, match="backofLimit"):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_every_file_is_applied_and_no_name_is_there_twice() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KUSTOMIZATION["resources"]) == files
    assert len(NAMED) == len(MANIFESTS)


def environ_of(container: dict[str, Any]) -> dict[str, str]:
    """Return the variables that the container gets, with names of others put in as Kubernetes does."""
    environ: dict[str, str] = {}
    for source in container["envFrom"]:
        environ |= NAMED[f"ConfigMap {source['configMapRef']['name']}"]["data"]
    for variable in container["env"]:
        if variable.get("valueFrom", {}).get("fieldRef") == {"fieldPath": "metadata.name"}:
            environ[variable["name"]] = POD
        elif "value" in variable:
            value = variable["value"]
            for name in tuple(environ):
                value = value.replace(f"$({name})", environ[name])
            environ[variable["name"]] = value
    return environ


def run_by(name: str) -> tuple[str, Settings]:
    """Return command and settings of a workload; what other commands alone read is looked at elsewhere."""
    (container,) = PODS[name]["containers"]
    environ = {key: value for key, value in environ_of(container).items() if key not in OF_SOME}
    return settings_of(container["args"], environ)


@pytest.mark.parametrize("name", PODS)
def test_a_pod_runs_a_command_with_options_and_variables_that_it_has(name: str) -> None:
    command, settings = run_by(name)
    assert name.endswith(f" antennactl-{command}")
    assert (settings.topic, settings.bootstrap_servers) == ("devices", "kafka:9092")
    mounts = {mount["mountPath"] for mount in PODS[name]["containers"][0]["volumeMounts"]}
    # A folder below the mount: the mount's own may hold what filesystems put there.
    assert command == "provision" or str(Path(str(settings.lake)).parent) in mounts


def test_what_prune_keeps_and_what_all_wait_for_are_settings() -> None:
    data = NAMED["ConfigMap antennactl"]["data"]
    _, prune = settings_of(["prune"], {key: data[key] for key in ("ANTENNACTL_KEEP", "ANTENNACTL_KEEP_LAKE")})
    assert prune.keep_s == 90 * 86_400
    _, batch = settings_of(["batch"], {"ANTENNACTL_LATENESS": data["ANTENNACTL_LATENESS"]})
    assert batch.lateness_s == 120


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_no_more_rights_than_it_needs_and_no_secret_in_its_text(name: str) -> None:
    pod = PODS[name]
    (container,) = pod["containers"]
    assert pod["enableServiceLinks"] is False
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    secret = {
        variable["name"] for variable in container["env"] if "secretKeyRef" in variable.get("valueFrom", {})
    }
    assert secret == {"PGPASSWORD"}
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])


def test_a_job_that_needs_a_person_is_not_tried_again() -> None:
    jobs = [manifest["spec"] for manifest in MANIFESTS if manifest["kind"] == "Job"]
    jobs += [m["spec"]["jobTemplate"]["spec"] for m in MANIFESTS if m["kind"] == "CronJob"]
    assert len(jobs) == 5
    for job in jobs:
        (rule,) = job["podFailurePolicy"]["rules"]
        assert rule == {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [2, 5]}}
        assert job["backoffLimit"] > 0
        assert job["template"]["spec"]["restartPolicy"] == "Never"


def test_hours_are_run_one_after_the_other_and_caught_up() -> None:
    for name, spec in ((n, m["spec"]) for n, m in NAMED.items() if m["kind"] == "CronJob"):
        assert (spec["concurrencyPolicy"], spec["timeZone"]) == ("Forbid", "Etc/UTC")
        command, settings = run_by(name)
        assert settings.quiet
        assert settings.catch_up == (command in {"batch", "compact"})


def test_a_worker_keeps_its_name_and_its_own_limits_come_before_those_of_kubernetes() -> None:
    stream = NAMED["StatefulSet antennactl-stream"]["spec"]
    pod = PODS["StatefulSet antennactl-stream"]
    _, settings = run_by("StatefulSet antennactl-stream")
    assert settings.kafka_properties == {"group.instance.id": POD}
    check_properties(settings.kafka_properties)
    assert stream["serviceName"] == "antennactl-stream"
    assert "Service antennactl-stream" in NAMED
    assert stream["selector"]["matchLabels"] == stream["template"]["metadata"]["labels"]
    assert pod["terminationGracePeriodSeconds"] > 2 * STOP_WITHIN_S
    (container,) = pod["containers"]
    assert settings.metrics_addr is not None
    assert container["ports"] == [{"name": "metrics", "containerPort": settings.metrics_addr[1]}]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"] == {"path": "/metrics", "port": "metrics"}
    assert container["livenessProbe"]["periodSeconds"] * container["livenessProbe"]["failureThreshold"] >= 120
    assert HANGS_AFTER_S == 300  # as the manifest says


def test_every_pod_finds_its_volumes() -> None:
    for pod in PODS.values():
        volumes = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in pod["containers"][0]["volumeMounts"]} == volumes
        claims = {
            v["persistentVolumeClaim"]["claimName"] for v in pod["volumes"] if "persistentVolumeClaim" in v
        }
        assert claims <= {"antennactl-lake"}
    assert NAMED["PersistentVolumeClaim antennactl-lake"]["spec"]["accessModes"] == ["ReadWriteMany"]
