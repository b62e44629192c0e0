// The letter's square carries the code behind the "#", which is never sent anywhere: put it into the field.
const code = decodeURIComponent(location.hash.slice(1, 41));
const field = document.querySelector("input[name=code]");
if (code && field && !field.value) {
  field.value = code;
  history.replaceState(null, "", location.pathname);
}
