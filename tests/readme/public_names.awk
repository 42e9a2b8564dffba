# SPDX-License-Identifier: MIT

# The names that C++ text declares for others to use, one a line and with their scopes: "dymod::event::kind". For text as dymod's
# headers are, without comments, macros and attributes: what is in `detail`, private, a constructor, an operator or inside a
# function's body is left out, and so are inline namespaces.

{ text = text " " $0 }

function scope(  i, path) {
  for (i = 1; i <= depth; ++i) {
    if (kind[i] == "skipped" || is_private[i]) return "skipped"
    if (names[i] != "") path = path names[i] "::"
  }
  return path
}

function tell(name,  path) {
  path = scope()
  if (path != "skipped" && name ~ /^[A-Za-z]/ && name !~ /^dymod_/ && name != names[depth]) print path name
}

function begin_statement() { count = 0; first_bracket = 0; angles = 0; in_template = 0 }

# The identifier that a statement declares.
function declared(  i, found) {
  for (i = 1; i <= count; ++i) if (word[i] == "operator" || word[i] == "static_assert" || word[i] == "friend") return ""
  if (word[1] == "using") return word[2]
  if (first_bracket) return word[first_bracket - 1] ~ /^[A-Za-z_]/ && word[first_bracket - 2] != "~" ? word[first_bracket - 1] : ""
  for (i = 1; i <= count && word[i] != "="; ++i) if (word[i] ~ /^[A-Za-z_]/) found = word[i]
  return found
}

function open(what, name) {
  kind[++depth] = what
  names[depth] = name
  is_private[depth] = 0
}

END {
  begin_statement()
  while (match(text, /^[ \t]*([A-Za-z_0-9]+|"[^"]*"|::|->|.)/)) {
    token = substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
    sub(/^[ \t]*/, "", token)
    if (token == "") continue
    if (kind[depth] == "enum") {
      if (token == "}") { --depth; begin_statement() }
      else if (token ~ /^[A-Za-z_]/) tell(token)
      continue
    }
    if (kind[depth] == "skipped") {
      if (token == "{") open("skipped", "")
      if (token == "}") { --depth; if (kind[depth] != "skipped" && !is_initialiser) begin_statement() }
      continue
    }
    if (token == "template" && !count) { in_template = 1; continue }
    if (in_template || angles || (token == "<" && count)) {
      angles += (token == "<") - (token == ">")
      if (token == ">" && !angles) in_template = 0
      continue
    }
    if (token == ":" && (word[1] == "public" || word[1] == "private") && count == 1) {
      is_private[depth] = word[1] == "private"
      begin_statement()
    } else if (token == "{") {
      is_initialiser = 0
      if (word[1] == "namespace" || word[2] == "namespace") {
        is_hidden = count == 1 || word[count] == "detail"
        open(is_hidden ? "skipped" : "namespace", word[1] == "inline" ? "" : word[count])
      } else if (word[1] == "enum") {
        tell(word[3])
        open("enum", word[3])
      } else if ((word[1] == "struct" || word[1] == "class") && !first_bracket) {
        tell(word[2])
        open("class", word[2])
      } else {
        tell(declared())
        is_initialiser = !first_bracket
        open("skipped", "")
      }
      if (kind[depth] != "skipped") begin_statement()
      else if (is_initialiser) count = 0
    } else if (token == "}") {
      --depth
      begin_statement()
    } else if (token == ";") {
      if (count) tell(declared())
      begin_statement()
    } else {
      word[++count] = token
      if (token == "(" && !first_bracket && word[1] != "using") first_bracket = count
    }
  }
}
