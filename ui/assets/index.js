// The Index tab's script: older versions are made live, what unfinished builds left is deleted.
// `element` and `trigger` come from the block.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-activate],[data-discard]");
  if (!button) return;
  const collection = button.dataset.collection;
  if (button.dataset.activate) trigger("activate", { collection, version: button.dataset.activate });
  else if (confirm(`Delete the finished batches of ${collection}? The next build starts from the beginning.`)) trigger("discard", { collection });
});
