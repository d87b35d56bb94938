// The line to the board. Browsers allow six to one host, and a page that cannot have one would never
// load: so all pages of a browser share one, held by this file as a shared worker. Where there are
// no shared workers it is loaded by the page itself, which then has a line of its own.
(() => {
  "use strict";
  const AGAIN_MS = 3000;

  // Tells of {moved: what the event says} and {lost: whether there is no answer}; returns what ends it.
  function follow(tell) {
    let source = null;
    let timer = null;
    function open() {
      source = new EventSource("/events");
      source.addEventListener("moved", (event) => tell({ moved: JSON.parse(event.data) }));
      source.onopen = () => tell({ lost: false });
      source.onerror = () => {
        tell({ lost: true });
        // A browser gives up for good on some errors; then it is tried again here.
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
      };
    }
    open();
    return () => { clearTimeout(timer); source.close(); };
  }

  if (!("onconnect" in self)) { self.followBoard = follow; return; }

  const pages = new Set();
  let known = {};
  let end = null;

  function tell(news) {
    known = { ...known, ...news };
    for (const page of pages) page.postMessage(news);
  }

  self.onconnect = (event) => {
    const page = event.ports[0];
    page.onmessage = () => { // it leaves; a page says nothing else
      pages.delete(page);
      if (pages.size === 0 && end !== null) { end(); end = null; known = {}; }
    };
    pages.add(page);
    if (end === null) end = follow(tell);
    else page.postMessage(known);
  };
})();
