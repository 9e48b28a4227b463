// One thread's changes, each once and in order: by socket while there is one, else by asking every half minute.
const TOTALS = new Set(["reaction.changed", "thread.counts", "survey.counts", "seq", "notification"]);
const ASK_EVERY = 25000;
const SILENT_AFTER = 70000;
const MOST_PAGES = 10;

export class Live {
  /** `seq` is the number the page was made at; `hear(name, payload)` is told of each change, `lost(yes)` of the line. */
  constructor(room, seq, hear, lost) {
    Object.assign(this, { room, seq, hear, lost });
    this.connected = false;
    this.heardAt = Date.now();
    this.asking = null;
    this.ask();
    document.addEventListener("visibilitychange", () => document.hidden || this.stale(10000));
    window.addEventListener("pageshow", (event) => event.persisted && this.catchUp());
    window.addEventListener("online", () => this.catchUp());
  }

  /** Opens the socket; the polling goes on asking for as long as there is none. */
  async connect() {
    const { io } = await import("../vendor/socket.io.esm.min.js");
    this.socket = io({ transports: ["websocket", "polling"], tryAllTransports: true, reconnectionDelayMax: 30000 });
    this.socket.on("connect", () => this.watch());
    // A line that takes WebSocket and says nothing, or a browser that throws: the next try begins by asking.
    this.socket.on("connect_error", () => (this.socket.io.opts.transports = ["polling", "websocket"]));
    this.socket.onAny((name, told) => this.told(name, told));
    this.socket.on("disconnect", (why) => {
      this.connected = false;
      if (why === "io server disconnect") setTimeout(() => this.socket.connect(), 2000);
      setTimeout(() => this.connected || this.catchUp(), 5000);
    });
  }

  watch() {
    this.socket.timeout(20000).emit("watch", { id: this.room, since_seq: this.seq }, (error, ack) => {
      if (error || !ack.ok) return void this.soon(5000);
      this.connected = true;
      this.here();
      ack.missed.forEach((item) => this.take(item));
      if (!ack.reload) this.seq = Math.max(this.seq, ack.seq);
      // A number behind ours is another past than the one this page saw; take theirs.
      else if (ack.seq < this.seq) this.seq = ack.seq;
      else this.soon(0);
    });
  }

  told(name, said) {
    if (!said || said.in !== this.room) return;
    this.here();
    if (TOTALS.has(name)) {
      this.hear(name, said);
      if (said.seq > this.seq) this.soon(1000);
    } else if (said.seq === this.seq + 1) {
      this.seq = said.seq;
      this.hear(name, said);
    } else if (said.seq > this.seq) this.soon(0);
  }

  take(item) {
    if (item.seq <= this.seq) return;
    this.seq = item.seq;
    this.hear("comment", item);
  }

  here() {
    this.heardAt = Date.now();
    this.lost(false);
  }

  soon(wait) {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.catchUp(), wait);
  }

  /** Asks for everything after our number. */
  catchUp() {
    if (!this.asking) this.asking = this.fetchAll().finally(() => (this.asking = null));
    return this.asking;
  }

  async fetchAll() {
    try {
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await fetch(`/api/v1/threads/${this.room}/comments?since_seq=${this.seq}`);
        if (!answer.ok) return;
        const said = await answer.json();
        said.items.forEach((item) => this.take(item));
        this.here();
        if (!said.reload) return void (this.seq = Math.max(this.seq, said.seq));
      }
    } catch {
      this.lost(true);
    }
  }

  stale(after) {
    if (!this.connected || Date.now() - this.heardAt > after) this.catchUp();
  }

  /** Turns spread over five seconds, so that a thousand pages opened by one announcement do not ask at once. */
  ask() {
    setTimeout(() => {
      if (!document.hidden) this.stale(SILENT_AFTER);
      this.ask();
    }, ASK_EVERY + Math.random() * 5000);
  }
}
