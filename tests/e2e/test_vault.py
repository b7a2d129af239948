"""What a browser keeps: one thing each, in order, nobody else's, and no harm where it may keep nothing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.visitors import Enter, ask, status

KEEP = """async () => {
  const { Vault } = await import("/js/core/vault.js");
  const one = new Vault();
  await Promise.all([one.put("h u", { id: "2" }), one.put("h u", { id: "1" }), one.put("h u2", { id: "3" })]);
  const other = new Vault();
  await other.delete("h u", "2");
  const found = [await one.all("h u"), await one.all("h u2"), await one.all("h")];
  await one.clear("h u");
  return [...found, await other.all("h u"), await other.all("h u2")].map((all) => all.map(({ id }) => id));
}"""
FULL = """async () => {
  const { Vault } = await import("/js/core/vault.js");
  const vault = new Vault();
  await vault.put("h full", { id: "1", notKept: () => {} });
  return (await vault.all("h full")).length;
}"""
REFUSED = "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no'); } })"


def test_it_keeps_by_owner_and_in_order(enter: Enter) -> None:
    guest = enter("keeps-1", "guest", "Tove Lind", room_id="113")
    assert guest.evaluate(KEEP) == [["1"], ["3"], [], [], ["3"]]
    assert guest.evaluate(FULL) == 0


def test_where_nothing_may_be_kept_all_goes_on(enter: Enter) -> None:
    guest = enter("keeps-2", "guest", "Pia Holt", room_id="114")
    guest.add_init_script(REFUSED)
    guest.reload()
    status(guest, "Live")
    guest.context.set_offline(True)
    ask(guest, "towels")
    expect(guest.locator("request-list .state")).to_have_text("Not sent yet")
    guest.context.set_offline(False)
    expect(guest.locator("request-list .state")).not_to_have_text("Not sent yet")
    expect(guest.locator("request-list li")).to_have_count(1)
