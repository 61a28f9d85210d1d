// What these notebooks add to JupyterLab's page, as a prebuilt extension that nothing has built: JupyterLab loads this file as it
// loads what a bundler makes, asks it for a module, and shares its own libraries with it.
//
// Each feature is an ES module beside this one, whose default export makes a JupyterLab plugin. To add one, add it to the list.
(() => {
  const FEATURES = ["setup.js", "hand/plugin.js"];

  const here = document.currentScript.src;
  let libraries;

  /** A library that JupyterLab shares: `await shared("@lumino/widgets")`. */
  const shared = async name => {
    const [version] = Object.values(libraries[name] ?? {});
    if (!version) throw new Error(`JupyterLab shares no ${name}.`);
    return (await version.get())();
  };

  const load = async feature => (await import(new URL(feature, here))).default(shared);

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB.streamroot = {
    init: scope => {
      libraries = scope;
    },
    get: async () => {
      const plugins = await Promise.all(FEATURES.map(load));
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
