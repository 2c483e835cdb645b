//! How a plain web server sends the built site: headers, how long files may be kept, compressed files, the 404 page. All of it is said in
//! [`pages::headers`]; here it is only written in the words of each server. `xiangshang serve` and the stack of the cloud send the same.

use std::fmt::Write;

use pages::headers::{ASK_AGAIN, EDITOR_FOLDER, EDITOR_POLICY, FOR_EVER, HASHED, HASHED_FOLDER, POLICY, SECURITY};

/// Whose words the rules are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// A part of nginx's `server { … }`.
    Nginx,
    /// A part of a Caddyfile's site.
    Caddy,
    /// The file `_headers`, which several hosts of static sites read.
    Headers,
}

/// The rules for a site that lies in `folder` on the server.
pub fn rules(server: Server, folder: &str) -> String {
    match server {
        Server::Nginx => nginx(folder),
        Server::Caddy => caddy(folder),
        Server::Headers => headers(),
    }
}

/// Headers stand at the server's level: a location that adds one of its own would lose these.
fn nginx(folder: &str) -> String {
    let mut text = format!(
        "# Written by `site-gen hosting nginx`. Include it in a server {{ }} block.\n\
         root {folder};\n\
         index index.html;\n\
         charset utf-8;\n\
         charset_types text/css text/plain text/csv text/calendar text/javascript application/javascript application/json application/xml application/atom+xml image/svg+xml;\n\
         include /etc/nginx/mime.types;\n\
         types {{\n    text/calendar ics;\n    text/csv csv;\n    application/manifest+json webmanifest;\n}}\n\
         \n\
         # Beside each file lies a compressed one (`site-gen build --compress`). For brotli, load ngx_http_brotli_static_module as well.\n\
         gzip_static on;\n\
         gzip_vary on;\n\
         # brotli_static on;\n\
         \n"
    );
    // The variable decides by path; a second `add_header` in a location would have to repeat all others.
    let _ = writeln!(text, "set $kept \"{ASK_AGAIN}\";");
    let _ = writeln!(text, "if ($uri ~ \"{HASHED}\") {{ set $kept \"{FOR_EVER}\"; }}");
    let _ = writeln!(text, "add_header cache-control $kept always;");
    for (name, value) in SECURITY {
        if *name == POLICY {
            let _ = writeln!(text, "set $policy \"{value}\";");
            let _ = writeln!(text, "if ($uri ~ \"^{EDITOR_FOLDER}\") {{ set $policy \"{EDITOR_POLICY}\"; }}");
            let _ = writeln!(text, "add_header {name} $policy always;");
        } else {
            let _ = writeln!(text, "add_header {name} \"{value}\" always;");
        }
    }
    text.push_str(
        "\nerror_page 404 /404.html;\nlocation / { try_files $uri $uri/ =404; }\n\
         location ~ /feed\\.xml$ { types {} default_type \"application/atom+xml; charset=utf-8\"; }\n",
    );
    text
}

/// Of two rules for one header Caddy applies the more general one last, so each has paths of its own.
fn caddy(folder: &str) -> String {
    let mut text = format!("# Written by `site-gen hosting caddy`. Import it in a site's block.\nroot * {folder}\nheader {{\n");
    let (policy, others): (Vec<_>, Vec<_>) = SECURITY.iter().partition(|(name, _)| *name == POLICY);
    for (name, value) in others {
        let _ = writeln!(text, "\t{name} \"{value}\"");
    }
    text.push_str("}\n");
    for (name, value) in policy {
        let _ = write!(
            text,
            "@editor path {EDITOR_FOLDER}*\n\
             @site not path {EDITOR_FOLDER}*\n\
             header @editor {name} \"{EDITOR_POLICY}\"\n\
             header @site {name} \"{value}\"\n"
        );
    }
    let _ = write!(
        text,
        "\
         @hashed path_regexp {HASHED}\n\
         @other not path_regexp {HASHED}\n\
         header @hashed cache-control \"{FOR_EVER}\"\n\
         header @other cache-control \"{ASK_AGAIN}\"\n\
         # Beside each file lies a compressed one (`site-gen build --compress`).\n\
         file_server {{\n\tprecompressed br gzip\n}}\n\
         handle_errors {{\n\t@missing expression {{err.status_code}} == 404\n\trewrite @missing /404.html\n\tfile_server\n}}\n"
    );
    text
}

/// A later rule adds to an earlier one, so the rules for hashed files and for the editor take the general one back first.
fn headers() -> String {
    let mut text = String::from("# Written by `site-gen build --compress`.\n/*\n");
    for (name, value) in SECURITY {
        let _ = writeln!(text, "  {name}: {value}");
    }
    let _ = writeln!(text, "  cache-control: {ASK_AGAIN}");
    let _ = write!(text, "{HASHED_FOLDER}*\n  ! cache-control\n  cache-control: {FOR_EVER}\n");
    let _ = write!(text, "{EDITOR_FOLDER}*\n  ! {POLICY}\n  {POLICY}: {EDITOR_POLICY}\n");
    text
}
