const { LanguageClient } = require("vscode-languageclient/node"); // main.js
const client = new LanguageClient("lockfix", "lockfix", { command: "lockfix", args: ["lsp"] }, { documentSelector: [{ scheme: "file", language: "go" }] });
exports.activate = () => client.start();
exports.deactivate = () => client.stop();
