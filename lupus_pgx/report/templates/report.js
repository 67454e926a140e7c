(() => {
  const box = document.querySelector(".find"), field = document.getElementById("find"), told = document.getElementById("found");
  const all = [...document.querySelectorAll("[data-find]")];
  if (!box || !all.length) return;
  box.hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const item of all) {
      const text = item.dataset.find.toLowerCase(), fits = words.every(word => text.includes(word));
      item.classList.toggle("unfound", !fits);
      found += fits;
    }
    told.textContent = words.length ? `${found} of ${all.length} lines fit; the others are hidden until the box is empty` : "";
  });
})();
