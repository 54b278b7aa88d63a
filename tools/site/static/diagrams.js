// Draws the diagrams of a page in the colours of its theme, and again when the reader changes the theme.
(() => {
  const diagrams = [...document.querySelectorAll("pre.mermaid")].map((element) => [element, element.textContent]);
  const preference = window.matchMedia("(prefers-color-scheme: dark)");

  function isDark() {
    const theme = document.body.dataset.theme;
    return theme === "dark" || (theme !== "light" && preference.matches);
  }

  function draw() {
    mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: isDark() ? "dark" : "neutral" });
    for (const [element, text] of diagrams) {
      element.removeAttribute("data-processed");
      element.textContent = text;
    }
    mermaid.run({ nodes: diagrams.map(([element]) => element) });
  }

  window.addEventListener("DOMContentLoaded", () => {
    draw();
    preference.addEventListener("change", draw);
    new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-theme"] });
  });
})();
