// A strip at the top of the page that says how far the set-up is, as long as it is not complete.
//
// When it was complete as the page was loaded, that is asked once, and nothing is shown.

const PLUGIN = "streamroot:setup";
const INTERVAL = 1000; // milliseconds from one answer to the next question
const PATIENCE = 5000; // the same, when it has failed, or when no answer came
const READY = 4000; // for how long it is said that all is ready
const HEIGHTS = { running: 30, ready: 30, failed: 50, log: 230 }; // pixels

export default async shared => {
  const [{ Widget }, { ServerConnection }] = await Promise.all([shared("@lumino/widgets"), shared("@jupyterlab/services")]);

  return {
    id: PLUGIN,
    description: "Shows how far the set-up is.",
    autoStart: true,
    activate: async app => {
      const settings = app.serviceManager.serverSettings;
      const ask = async () => {
        const answer = await ServerConnection.makeRequest(`${settings.baseUrl}streamroot/setup`, {}, settings);
        // In a JupyterLab of the user's own nothing is set up.
        if (answer.status === 404) return { state: "complete" };
        if (!answer.ok) throw new Error(`The server answered with ${answer.status}.`);
        return answer.json();
      };
      // The page is started meanwhile.
      follow(ask, () => new Strip(app.shell, new Widget())).catch(error => console.error(error));
    },
  };
};

/** Shows what the server says of the set-up until it is complete. */
async function follow(ask, newStrip) {
  let strip;
  for (;;) {
    let progress;
    try {
      progress = await ask();
    } catch {
      // JupyterLab itself says that its server is gone.
      await pause(PATIENCE);
      continue;
    }
    if (progress.state === "complete") {
      strip?.ready();
      await pause(READY);
      strip?.close();
      return;
    }
    strip ??= newStrip();
    if (progress.state === "failed") strip.failed(progress);
    else strip.running(progress);
    await pause(progress.state === "failed" ? PATIENCE : INTERVAL);
  }
}

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

class Strip {
  constructor(shell, widget) {
    this.widget = widget;
    this.bar = element("div", "bar", { role: "progressbar", "aria-label": "Set-up", "aria-valuemin": 0, "aria-valuemax": 100 });
    this.title = element("strong", "title");
    this.text = element("span", "text");
    this.detail = element("span", "detail");
    this.left = element("span", "left");
    this.log = element("pre", "log");
    this.button = element("button", "button", { type: "button", "aria-expanded": false });
    this.button.textContent = "Show the end of its log";
    this.button.addEventListener("click", () => this.showLog(this.log.hidden));
    // Screen readers read out what stands there when it changes, so it is what changes seldom.
    this.said = element("span", "said", { role: "status" });
    const line = element("div", "line");
    line.append(this.title, this.text, this.detail, this.left, this.button);
    widget.id = "streamroot-setup";
    widget.node.append(line, this.log, this.bar, this.said);
    widget.node.prepend(style());
    this.show("running");
    shell.add(widget, "header", { rank: 0 });
  }

  running({ text, compiling, share, left }) {
    this.show("running");
    this.title.textContent = "Setting up";
    this.text.textContent = text;
    this.detail.textContent = compiling;
    this.left.textContent = left;
    const percent = Math.round(100 * share);
    this.bar.style.setProperty("--share", share);
    this.bar.setAttribute("aria-valuenow", percent);
    this.bar.setAttribute("aria-valuetext", [text, left].filter(Boolean).join(", "));
    const step = text.split(",")[0];
    this.say(`Setting up: ${step}. The notebooks can be read; cells run when it is complete.`);
  }

  failed({ message, log }) {
    this.show("failed");
    this.title.textContent = "The set-up failed";
    this.text.textContent = this.text.title = `${message} When \`cargo lab setup\` succeeds, cells run here.`;
    this.detail.textContent = "";
    this.left.textContent = "";
    this.log.textContent = log;
    this.button.hidden = !log;
    this.say(`The set-up failed. ${message}`);
  }

  ready() {
    this.show("ready");
    this.title.textContent = "Ready.";
    this.text.textContent = this.detail.textContent = this.left.textContent = "";
    this.bar.style.setProperty("--share", 1);
    this.say("The set-up is complete.");
  }

  close() {
    this.widget.hide();
    this.widget.dispose();
  }

  show(state) {
    if (this.widget.node.dataset.state === state) return;
    this.widget.node.dataset.state = state;
    this.bar.hidden = state === "failed";
    this.button.hidden = true;
    this.text.removeAttribute("title");
    this.showLog(false);
  }

  showLog(shown) {
    this.log.hidden = !shown;
    this.button.setAttribute("aria-expanded", shown);
    this.button.textContent = shown ? "Hide the log" : "Show the end of its log";
    // The page is laid out by the least height, which must be known before any style sheet has come.
    this.widget.node.style.minHeight = `${HEIGHTS[shown ? "log" : this.widget.node.dataset.state]}px`;
    this.widget.parent?.fit();
  }

  say(words) {
    if (this.said.textContent !== words) this.said.textContent = words;
  }
}

function element(name, part, attributes = {}) {
  const node = document.createElement(name);
  node.className = `streamroot-setup-${part}`;
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  return node;
}

function style() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("setup.css", import.meta.url).href;
  return link;
}
