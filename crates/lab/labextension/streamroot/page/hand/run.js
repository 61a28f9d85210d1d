// One run of a cell whose outputs stay on the page until the new ones are there, and then take their places without a flicker.

/**
 * Runs code as a cell, and gives its outputs, its number and, if it failed, the error. Nothing of it is on the page yet.
 *
 * @throws when the kernel ends meanwhile
 */
export async function run(connection, code, cell) {
  const outputs = [];
  const displays = new Map();
  // A cell that was run by hand meanwhile does not fail with this one; and there is nobody to answer a question.
  const request = { code, stop_on_error: false, allow_stdin: false };
  const future = connection.requestExecute(request, true, { cellId: cell.model.id });
  future.onIOPub = message => take(message, outputs, displays);
  const { content } = await future.done;
  return {
    outputs,
    number: content.execution_count,
    ran: content.status === "ok" || content.status === "error",
    error: content.status === "error" ? outputs.find(output => output.output_type === "error") ?? content : null,
  };
}

function take({ header: { msg_type: kind }, content }, outputs, displays) {
  const display = content.transient?.display_id;
  switch (kind) {
    case "execute_result":
    case "display_data":
    case "error": {
      const { transient, ...output } = content;
      if (display) displays.set(display, outputs.length);
      outputs.push({ output_type: kind, ...output });
      break;
    }
    case "update_display_data":
      if (displays.has(display)) Object.assign(outputs[displays.get(display)], { data: content.data, metadata: content.metadata });
      break;
    case "stream": {
      const last = outputs.at(-1);
      if (last?.output_type === "stream" && last.name === content.name) last.text += content.text;
      else outputs.push({ output_type: "stream", ...content });
      break;
    }
    case "clear_output":
      outputs.length = 0;
      break;
  }
}

/** Puts outputs on the page in place of those that are there. */
export async function show(cell, outputs, number) {
  await Promise.all(outputs.flatMap(pictures).map(decoded));
  if (cell.isDisposed || cell.model.isDisposed) return;
  keepHeight(cell.outputArea.node);
  const model = cell.model.outputs;
  model.trusted = true;
  outputs.forEach((output, i) => {
    if (i >= model.length) model.add(output);
    else replace(cell, i, output);
  });
  while (model.length > outputs.length) model.remove(model.length - 1);
  if (number) cell.model.executionCount = number;
}

const kept = new WeakMap();

/** Keeps what is below in its place until what changes here is laid out. */
function keepHeight(area) {
  if (!kept.has(area)) area.style.minHeight = `${area.getBoundingClientRect().height}px`;
  const mine = {};
  kept.set(area, mine);
  const letGo = () => {
    if (kept.get(area) !== mine) return;
    kept.delete(area);
    area.style.minHeight = "";
  };
  requestAnimationFrame(() => requestAnimationFrame(letGo));
}

/** JupyterLab makes a new picture, which is empty until it is loaded. The old one keeps what it shows until then. */
function replace(cell, i, output) {
  const picture = () => {
    const found = cell.outputArea.widgets[i]?.node.querySelectorAll(".jp-OutputArea-output img") ?? [];
    return found.length === 1 ? found[0] : null;
  };
  const before = picture();
  cell.model.outputs.set(i, output);
  const after = picture();
  if (!before || !after || before === after) return;
  for (const { name, value } of after.attributes) {
    if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  }
  after.replaceWith(before);
}

function pictures({ data = {} }) {
  if (data["image/svg+xml"]) return [`data:image/svg+xml,${encodeURIComponent(data["image/svg+xml"])}`];
  return data["image/png"] ? [`data:image/png;base64,${data["image/png"]}`] : [];
}

async function decoded(address) {
  const image = new Image();
  image.src = address;
  await image.decode().catch(() => {});
}
