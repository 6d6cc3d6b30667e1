// Hides what does not have the text. Without it the page shows everything.
const form = document.querySelector(".filter");
const items = [...document.querySelectorAll(".item")];
const filter = () => {
  const text = form.elements.text.value.toLowerCase();
  for (const item of items) {
    const group = item.closest(".group")?.querySelector("h2[id]")?.textContent ?? "";
    item.hidden = !(group + item.textContent).toLowerCase().includes(text);
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector(".item:not([hidden])");
  }
  const left = items.filter((item) => !item.hidden).length;
  form.querySelector("span").textContent = text ? `${left} of ${items.length}` : "";
};
form.hidden = items.length < 2;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
