//! What the code of a function can request from AWS, from its sources: calls of the store's methods give tables, those
//! of the bucket give prefixes, those of the queues give queues.
//!
//! Found by names, so the result is at least what the code does. The tests check that it equals what a role lists. In
//! stories the local cloud enforces the roles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::sources::{Function, calls, code, functions};

/// An action and its resource: `dynamodb:GetItem`, `AccountsTable`.
pub type Grant = (String, String);

/// Methods of the SDK's DynamoDB client and the actions that they need. A transaction needs those of its parts.
const TABLE_WORDS: [(&str, &str); 13] = [
    (".get_item()", "GetItem"),
    (".batch_get_item()", "BatchGetItem"),
    (".query()", "Query"),
    (".scan()", "Scan"),
    (".put_item()", "PutItem"),
    (".update_item()", "UpdateItem"),
    (".delete_item()", "DeleteItem"),
    (".batch_write_item()", "BatchWriteItem"),
    (" Put::builder()", "PutItem"),
    (" Update::builder()", "UpdateItem"),
    (" Delete::builder()", "DeleteItem"),
    (" ConditionCheck::builder()", "ConditionCheckItem"),
    (" Get::builder()", "GetItem"),
];
const FILE_WORDS: [(&str, &str); 6] = [
    (".get_object()", "GetObject"),
    (".head_object()", "GetObject"),
    (".put_object()", "PutObject"),
    (".copy_object()", "GetObject"),
    (".copy_object()", "PutObject"),
    (".delete_object()", "DeleteObject"),
];
const QUEUE_WORDS: [(&str, &str); 3] = [
    (".send_message()", "SendMessage"),
    (".send_message_batch()", "SendMessage"),
    (".get_queue_attributes()", "GetQueueAttributes"),
];

/// What a crate requests.
#[derive(Default)]
pub struct Reach {
    pub certain: BTreeSet<Grant>,
    /// Grants of functions with several actions and several kinds of files, or several callers: perhaps not every
    /// combination is used.
    pub possible: BTreeSet<Grant>,
}

/// The code that calls AWS (`shared/aws`), and the code that calls it (`shared/app`).
pub struct Shared {
    store: Vec<Function>,
    files: Vec<Function>,
    queue: Vec<Function>,
    /// The use cases.
    joining: Vec<Function>,
    /// Values of the store's constants with names of indexes.
    indexes: BTreeMap<String, String>,
    /// The first part of a key, by the variant of `FileKey` and by the function that makes it.
    prefixes: BTreeMap<String, String>,
}

impl Shared {
    pub fn read(root: &Path) -> Self {
        let (aws, app) = (root.join("shared/aws/src"), root.join("shared/app/src"));
        let joining = functions(&app);
        let files = functions(&aws.join("files.rs"));
        let mut prefixes = prefixes(&aws.join("files.rs"));
        // A function that makes keys of one kind stands for that kind.
        for maker in files.iter().filter(|function| function.name != "key") {
            let variant = |name: &&String| maker.body.contains(&format!("Self::{name} {{"));
            if let Some(prefix) = prefixes.keys().find(variant).and_then(|name| prefixes.get(name)).cloned() {
                prefixes.insert(maker.name.clone(), prefix);
            }
        }
        let indexes = constants(&aws.join("store"));
        let (store, queue) = (functions(&aws.join("store")), functions(&aws.join("queue.rs")));
        Self { store, files, queue, joining, indexes, prefixes }
    }

    /// Everything that the crate below `folder` can request.
    pub fn grants(&self, folder: &Path) -> Reach {
        let own = functions(folder);
        let text = own_text(folder);
        let mut reached: Vec<&Function> = own.iter().collect();
        let mut reach = Reach::default();
        let mut seen = BTreeSet::new();
        while let Some(function) = reached.pop() {
            reach.certain.extend(self.of_one(function));
            let files = self.of_files(&own, function);
            let count = |part: fn(&Grant) -> &String| files.iter().map(part).collect::<BTreeSet<_>>().len();
            let (actions, kinds) = (count(|grant| &grant.0), count(|grant| &grant.1));
            let is_elsewhere = self.file_prefixes(&function.body).is_empty();
            match kinds > 1 && (actions > 1 || is_elsewhere) {
                true => reach.possible.extend(files),
                false => reach.certain.extend(files),
            }
            let around = if function.file.starts_with(folder) { text.clone() } else { code(&function.file) };
            for (whom, name) in calls(&function.body) {
                let is_meant = |callee: &&Function| {
                    callee.is_async
                        && callee.name == name
                        && may_mean(function, whom, callee)
                        && knows(&around, function, callee)
                };
                let new = |callee: &&Function| seen.insert(std::ptr::from_ref(*callee));
                reached.extend(self.joining.iter().filter(is_meant).filter(new));
            }
        }
        // A table or queue that is not in the configuration of a function is unknown there.
        let is_known = |resource: &str| match resource.split_once("Table").or(resource.split_once("Queue")) {
            Some((name, _)) => text.contains(&format!("Table::{name}")) || text.contains(&format!("Queue::{name}")),
            None => ["resources.files(", "resources.services("].iter().any(|word| text.contains(word)),
        };
        reach.certain.retain(|(_, resource)| is_known(resource));
        reach.possible.retain(|(_, resource)| is_known(resource));
        reach
    }

    /// What a function requests from the modules itself.
    fn of_one(&self, function: &Function) -> BTreeSet<Grant> {
        let mut grants = BTreeSet::new();
        for (whom, name) in calls(&function.body) {
            let Some(whom) = whom.strip_suffix('.') else { continue };
            if whom.ends_with("files") {
                continue;
            } else if whom.ends_with("queues") {
                grants.extend(asks(&self.queue, name, &QUEUE_WORDS, &|body| self.queue_resources(body)));
            } else {
                // `with_audit` requests nothing itself: the write that it wraps puts the entry too.
                let is_asked =
                    name == "with_audit" || self.store.iter().any(|method| method.is_async && method.name == name);
                let resources = |body: &str| self.table_resources(body);
                if is_asked {
                    grants.extend(asks(&self.store, name, &TABLE_WORDS, &resources));
                }
            }
        }
        grants
    }

    /// What a function does to files: the actions of the methods that it calls, on the keys named nearby: in itself,
    /// else in its callers, else in the same file.
    fn of_files(&self, own: &[Function], caller: &Function) -> BTreeSet<Grant> {
        let called = calls(&caller.body);
        let called =
            called.iter().filter(|(whom, _)| whom.strip_suffix('.').is_some_and(|whom| whom.ends_with("files")));
        let called: BTreeSet<&str> = called.map(|(_, method)| *method).collect();
        if called.is_empty() {
            return BTreeSet::new();
        }
        let mut prefixes = self.file_prefixes(&caller.body);
        if prefixes.is_empty() {
            let asks = |other: &&Function| calls(&other.body).iter().any(|(_, name)| *name == caller.name);
            let askers: Vec<_> = own.iter().chain(&self.joining).filter(asks).collect();
            prefixes = askers.iter().flat_map(|other| self.file_prefixes(&other.body)).collect();
            if prefixes.is_empty() {
                // The key was made elsewhere in the file of the caller.
                let files: BTreeSet<_> = askers.iter().map(|other| &other.file).collect();
                prefixes = files.iter().flat_map(|file| self.file_prefixes(&code(file))).collect();
            }
        }
        if prefixes.is_empty() {
            prefixes = self.file_prefixes(&code(&caller.file));
        }
        let methods = self.files.iter().filter(|function| called.contains(function.name.as_str()));
        let actions: BTreeSet<String> =
            methods.flat_map(|method| actions_of(&self.files, method, &FILE_WORDS, &|_| true)).collect();
        let on_each = |action: &String| {
            prefixes.iter().map(|prefix| (format!("s3:{action}"), prefix.clone())).collect::<Vec<_>>()
        };
        actions.iter().flat_map(on_each).collect()
    }

    fn file_prefixes(&self, text: &str) -> BTreeSet<String> {
        let named = |(variant, _): &(&String, &String)| {
            [" ", "("].iter().any(|end| text.contains(&format!("FileKey::{variant}{end}")))
        };
        self.prefixes.iter().filter(named).map(|(_, prefix)| prefix.clone()).collect()
    }

    fn table_resources(&self, body: &str) -> Vec<String> {
        let tables = ["Accounts", "Lists", "Campaigns", "Links"];
        let named = |table: &&str| body.contains(&format!("tables.{}", table.to_lowercase()));
        let index = body.split(".index_name(").nth(1).and_then(|rest| rest.split(')').next());
        let index = index.map(|name| format!("/index/{}", self.indexes.get(name).map_or(name, String::as_str)));
        let index = index.unwrap_or_default();
        tables.iter().filter(|table| named(table)).map(|table| format!("dynamodb {table}Table{index}")).collect()
    }

    fn queue_resources(&self, body: &str) -> Vec<String> {
        let queues = ["Wakeups", "Batches", "Events", "Deliveries"];
        let is_named = |queue: &&str| {
            body.contains(&format!("Queue::{queue}")) || body.contains(&format!("urls.{}", queue.to_lowercase()))
        };
        queues.iter().filter(|queue| is_named(queue)).map(|queue| format!("sqs {queue}Queue")).collect()
    }
}

/// Whether `whom` before a call may refer to the callee: any value, a type, its module, or the caller's own module.
fn may_mean(caller: &Function, whom: &str, callee: &Function) -> bool {
    let module = whom.trim_end_matches("::");
    let is_module = callee.file.iter().any(|part| part.to_string_lossy().trim_end_matches(".rs") == module);
    let is_neighbour = whom.is_empty() && caller.file.parent() == callee.file.parent();
    let is_type = callee.types.contains(module) || matches!(module, "Self" | "self") && caller.file == callee.file;
    match whom.ends_with('.') {
        true => callee.is_method,
        false => is_neighbour || is_module || is_type,
    }
}

/// Whether the code around a call names the callee's module; not needed within one module.
fn knows(around: &str, caller: &Function, callee: &Function) -> bool {
    let folder = callee.file.parent().and_then(Path::file_name).unwrap();
    // A file at the top of a crate is a module of its own.
    let room = if folder == "src" { callee.file.file_stem().unwrap() } else { folder }.to_string_lossy();
    let named = |by: &str| {
        around.contains(&format!("{by}::{room}")) || around.contains(&format!("{by}::{{")) && around.contains(&*room)
    };
    caller.file.parent() == callee.file.parent() || named("app") || named("crate")
}

fn own_text(folder: &Path) -> String {
    let files: BTreeSet<_> = functions(folder).into_iter().map(|function| function.file).collect();
    files.iter().map(|file| code(file)).collect()
}

/// What a method of a module requests: its actions on its resources, and those of the methods that it calls.
fn asks(
    room: &[Function],
    method: &str,
    words: &[(&str, &str)],
    resources: &dyn Fn(&str) -> Vec<String>,
) -> BTreeSet<Grant> {
    let mut reached: Vec<&Function> = room.iter().filter(|function| function.name == method).collect();
    let (mut grants, mut seen) = (BTreeSet::new(), BTreeSet::new());
    while let Some(function) = reached.pop() {
        if !seen.insert(std::ptr::from_ref(function)) {
            continue;
        }
        reached.extend(callees(room, function));
        let actions = match resources(&function.body).is_empty() {
            true => continue,
            false => actions_of(room, function, words, &|body| resources(body).is_empty()),
        };
        for resource in resources(&function.body) {
            let (service, resource) = resource.split_once(' ').unwrap();
            grants.extend(actions.iter().map(|action| (format!("{service}:{action}"), resource.to_owned())));
        }
    }
    grants
}

/// Actions named in a function or in the helpers that it calls, which name no resource themselves.
fn actions_of(
    room: &[Function],
    function: &Function,
    words: &[(&str, &str)],
    is_helper: &dyn Fn(&str) -> bool,
) -> BTreeSet<String> {
    let (mut actions, mut seen, mut reached) = (BTreeSet::new(), BTreeSet::new(), vec![function]);
    while let Some(function) = reached.pop() {
        let body = &function.body;
        actions.extend(words.iter().filter(|(word, _)| body.contains(word)).map(|(_, action)| (*action).to_owned()));
        let helpers = callees(room, function).into_iter().filter(|callee| is_helper(&callee.body));
        reached.extend(helpers.filter(|callee| seen.insert(std::ptr::from_ref(*callee))));
    }
    actions
}

/// Functions of the same module that a function may call: `self.name(`, `module::name(`, and `name(`, preferring the
/// same file.
fn callees<'r>(room: &'r [Function], caller: &Function) -> Vec<&'r Function> {
    let mut found = Vec::new();
    for (whom, name) in calls(&caller.body) {
        let named = || room.iter().filter(move |callee| callee.name == name);
        let module = whom.trim_end_matches("::");
        let is_here = |callee: &&Function| callee.file == caller.file;
        match whom {
            "self." | "Self::" => found.extend(named()),
            "" if named().any(|callee| is_here(&callee)) => found.extend(named().filter(is_here)),
            "" => found.extend(named()),
            _ if whom.ends_with("::") && module.starts_with(char::is_lowercase) => {
                found.extend(named().filter(|callee| callee.file.file_stem().is_some_and(|stem| stem == module)));
            }
            _ if whom.ends_with("::") => found.extend(named()),
            _ => (),
        }
    }
    found
}

/// `const DUE: &str = "due"` of a module.
fn constants(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let texts = entries.map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect::<Vec<_>>();
    let lines = texts.iter().flat_map(|text| text.lines());
    let constant = |line: &str| {
        let (name, value) = line.split_once("const ")?.1.split_once(": &str = \"")?;
        Some((name.to_owned(), value.trim_end_matches("\";").to_owned()))
    };
    lines.filter_map(constant).collect()
}

/// `Self::Upload { … } => format!("uploads/…` of the bucket's module.
fn prefixes(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap();
    let line = |line: &str| {
        let (variant, format) = line.trim().strip_prefix("Self::")?.split_once(" => format!(\"")?;
        Some((variant.split(' ').next()?.to_owned(), format!("{}/*", format.split('/').next()?)))
    };
    text.lines().filter_map(line).collect()
}
