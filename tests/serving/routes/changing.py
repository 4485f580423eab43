"""How settings are changed over HTTP: on a version, with a reason."""

from types import SimpleNamespace

from forecasting.adapters.store.settings_book import SettingsBook

PATH, HISTORY, UNDO = (f"/api/settings/models{each}" for each in ("", "/history", "/undo"))
WHY = "somebody said"


def settings_api(reading):
    """What may be asked of a running API, and how; a change names the version that is current."""

    def put(overrides, version=None, **more):
        number = SettingsBook(reading.store).current().version if version is None else version
        query = {name: more.pop(name) for name in ("dry_run",) if name in more}
        headers = {"If-Match": f'"{number}"'} if number != "none" else {}
        body = {"overrides": overrides, "reason": WHY, **more}
        return reading.client.put(PATH, json=body, headers=headers, params=query)

    def undo(version=None, **more):
        number = SettingsBook(reading.store).current().version if version is None else version
        headers = {"If-Match": f'"{number}"'}
        return reading.client.post(UNDO, json={"reason": WHY, **more}, headers=headers)

    return SimpleNamespace(get=reading.get, put=put, undo=undo, app=reading.client.app, store=reading.store)
