from tests.support.camera import camera, enrol  # noqa: F401  (fixtures)
