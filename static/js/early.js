// Before the first paint, so that nothing jumps in later. A browser too old for our modules stays without script.
if ("noModule" in document.createElement("script")) document.documentElement.classList.add("js");
