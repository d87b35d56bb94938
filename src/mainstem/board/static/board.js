// Live pages: told by server-sent events that the record has moved, a page asks for itself again
// and takes over what is different. No state is kept here: the address says what is shown.
(() => {
  "use strict";
  const LEAST_MS = 1000; // between two refreshes
  const SPREAD_MS = 400; // many open pages do not ask at the same instant
  const HIDDEN_MS = 30000; // so long a page that nobody sees goes on listening

  let leave = null; // what ends listening, while it listens
  let timer = null;
  let last = 0;
  let lostAt = null;
  let hiding = null;

  function refresh() {
    timer = null;
    last = Date.now();
    document.body.dispatchEvent(new CustomEvent("moved"));
  }

  function moved(news) {
    const live = document.getElementById("live");
    if (!live || live.dataset.mark === news.mark || timer !== null) return;
    const wait = Math.max(0, last + LEAST_MS - Date.now()) + Math.random() * SPREAD_MS;
    timer = setTimeout(refresh, wait);
  }

  function lost(away) {
    lostAt = away ? lostAt || new Date() : null;
    const place = document.getElementById("connection");
    if (!place) return;
    place.textContent = away
      ? `The board does not answer since ${lostAt.toISOString().slice(11, 19)} UTC; this page goes on by itself when it does.`
      : "";
    place.hidden = !away;
  }

  function heard(news) {
    if ("lost" in news) lost(news.lost);
    if ("moved" in news) moved(news.moved);
  }

  // One line for all pages of this browser, where it can be shared (events.js says why).
  function line() {
    if (!("SharedWorker" in window)) return window.followBoard(heard);
    const port = new SharedWorker("/static/events.js").port;
    port.onmessage = (event) => heard(event.data);
    return () => { port.postMessage("bye"); port.close(); };
  }

  function connect() {
    if (leave === null && !document.hidden) leave = line();
  }

  function disconnect() {
    if (leave !== null) leave();
    leave = null;
  }

  // Pages in the background do not ask for themselves again and again.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(disconnect, HIDDEN_MS);
    else connect();
  });

  function ago(seconds) {
    if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    return null;
  }

  // Times in the reader's own zone; recent ones as how long ago. What is UTC stays as the title.
  function times() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const then = new Date(time.getAttribute("datetime"));
      if (Number.isNaN(then.getTime())) continue;
      const seconds = (Date.now() - then.getTime()) / 1000;
      const text = "since" in time.dataset
        ? span(seconds)
        : ago(seconds) || then.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
      if (time.textContent !== text) time.textContent = text;
    }
  }

  function span(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
    return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
  }

  document.addEventListener("htmx:after:swap", times);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
  setInterval(times, 1000);
  times();
  connect();
})();

// A run's log while it is written: what came is added as text, as long as somebody looks.
(() => {
  "use strict";
  const MOST = 1 << 19; // characters of a stream that are kept on the page
  const NEAR_PX = 40; // so close to its end a log goes on by itself
  let bar = null;
  let source = null;
  let at = null; // the id of the last event: where both streams stand
  let over = false;
  let paused = false;

  const say = (text) => { bar.querySelector("[role=status]").textContent = text; };

  function add(event) {
    const said = JSON.parse(event.data);
    at = event.lastEventId;
    const pre = document.getElementById(`log-${said.stream}`);
    if (!pre) return;
    const near = pre.scrollHeight - pre.scrollTop - pre.clientHeight < NEAR_PX;
    const gap = said.left_out ? `\n[${said.left_out.toLocaleString()} bytes are left out here]\n` : "";
    const text = pre.textContent + gap + said.text;
    pre.textContent = text.length > MOST ? text.slice(-MOST) : text;
    if (near) pre.scrollTop = pre.scrollHeight;
  }

  function address() {
    if (at === null) return bar.dataset.log;
    const [stdout, stderr] = at.split("-");
    return `${bar.dataset.log.split("?")[0]}?stdout=${stdout}&stderr=${stderr}`;
  }

  function connect() {
    if (source !== null || over || paused || document.hidden) return;
    source = new EventSource(address());
    source.addEventListener("log", add);
    source.addEventListener("over", () => { over = true; disconnect(); say("It has ended."); bar.querySelector("button").hidden = true; });
    source.onopen = () => say("Following: what it prints comes here by itself.");
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) { disconnect(); setTimeout(look, 3000); }
    };
  }

  function disconnect() {
    if (source !== null) source.close();
    source = null;
  }

  // Looks whether the page that is shown now has a log to follow.
  function look() {
    const found = document.getElementById("following");
    if (found !== bar) {
      disconnect();
      bar = found;
      at = null;
      over = paused = false;
      if (bar !== null) {
        const button = bar.querySelector("button");
        button.hidden = false;
        button.addEventListener("click", () => {
          paused = !paused;
          button.textContent = paused ? "Go on" : "Pause";
          if (paused) { disconnect(); say("Paused."); } else connect();
        });
        for (const pre of document.querySelectorAll("pre.log")) pre.scrollTop = pre.scrollHeight;
      }
    }
    if (bar !== null) connect();
  }

  document.addEventListener("htmx:after:swap", look);
  document.addEventListener("visibilitychange", () => { if (document.hidden) disconnect(); else look(); });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", look);
  look();
})();
