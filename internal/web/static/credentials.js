// What signing in needs beyond HTML: the secret of a one-time link, which stands behind the # of the address and goes into the form; the ceremonies
// of passkeys (WebAuthn); and a button that copies what is shown once. Nothing here makes markup of text.
"use strict";
(() => {
  // A one-time link: its secret leaves the address and its history, and is sent in the form.
  const field = document.querySelector("[data-secret]");
  const take = () => {
    const secret = location.hash.slice(1);
    if (!secret) return;
    history.replaceState(null, "", location.pathname);
    field.value = secret;
    field.form.requestSubmit();
  };
  if (field) {
    take();
    window.addEventListener("hashchange", take);
  }

  // Bytes stand in JSON as base64url.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  const ceremonies = {
    async create(options) {
      const o = options.publicKey;
      const made = await navigator.credentials.create({
        publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: named(o.excludeCredentials) },
      });
      return [made, {
        clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      }];
    },
    async get(options) {
      const o = options.publicKey;
      const made = await navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: named(o.allowCredentials) } });
      const r = made.response;
      return [made, {
        clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature),
        userHandle: r.userHandle ? text(r.userHandle) : undefined,
      }];
    },
  };

  const answer = async (form) => {
    const begun = await fetch(form.dataset.begin, { method: "POST", headers: { "Accept": "application/json" }, redirect: "manual" });
    if (!(begun.headers.get("Content-Type") || "").startsWith("application/json")) { // nobody is signed in any more: the page says so
      location.reload();
      return false;
    }
    const step = await begun.json();
    if (step.problem) throw Object.assign(new Error(step.problem), { name: "Problem" });
    const [made, response] = await ceremonies[form.dataset.passkey](step.options);
    form.elements.ceremony.value = step.ceremony;
    form.elements.response.value = JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment || undefined,
      clientExtensionResults: made.getClientExtensionResults(), response,
    });
    return true;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const place = form.querySelector("[data-say]"), button = form.querySelector("button");
    const say = (words) => { place.textContent = words; place.hidden = !words; };
    form.hidden = false;
    if (!window.PublicKeyCredential) {
      button.disabled = true;
      say(place.dataset.cannot);
      continue;
    }
    form.addEventListener("submit", async (e) => {
      if (form.elements.response.value) return; // it has its answer, and goes
      e.preventDefault();
      button.disabled = true;
      say("");
      try {
        if (await answer(form)) form.submit();
      } catch (err) {
        const words = { NotAllowedError: place.dataset.cancelled, AbortError: place.dataset.cancelled, InvalidStateError: place.dataset.again, Problem: err.message };
        say(words[err.name] || place.dataset.failed);
      } finally {
        button.disabled = false;
      }
    });
  }
  // A page that the browser kept as it was has an answer that was used.
  window.addEventListener("pageshow", (e) => {
    if (e.persisted) for (const f of document.querySelectorAll("form[data-passkey]")) f.elements.response.value = "";
  });

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = button.dataset.done;
      } catch { // the text can be marked by hand
        button.hidden = true;
      }
    });
  }
})();
