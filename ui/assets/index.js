// The Index tab's script: older versions can be made live. `element` and `trigger` come from the block.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-activate]");
  if (button) trigger("activate", { collection: button.dataset.collection, version: button.dataset.activate });
});
