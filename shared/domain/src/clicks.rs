//! Classifies hits on short links: a person, or a program (preview, robot, library). Pure.
//!
//! Link previews click too, so every hit is recorded and classified, never dropped. Some previews can be seen only over
//! several hits (one GET and three HEAD within seconds of the hand-over); `recording` handles those.

use super::codes::codes;

/// Characters of a user agent that are read.
pub const AGENT_CHARACTERS_MAX: usize = 512;

/// What kind of visitor a hit looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visitor {
    Person,
    /// Requested the headers only (HEAD).
    Head,
    /// Sent no user agent.
    Nameless,
    /// Makes the link preview of a messenger, a mail client or a social network.
    Preview,
    /// A search engine, a security scanner, a monitor.
    Robot,
    /// A programming tool or library.
    Program,
}
codes!(Visitor {
    Person = "person",
    Head = "head",
    Nameless = "nameless",
    Preview = "preview",
    Robot = "robot",
    Program = "program",
});

impl Visitor {
    /// Whether it counts as a suspected bot.
    pub fn is_bot(self) -> bool {
        match self {
            Self::Person => false,
            Self::Head | Self::Nameless | Self::Preview | Self::Robot | Self::Program => true,
        }
    }
}

/// Classifies one hit by its method and user agent.
pub fn visitor(is_head: bool, user_agent: Option<&str>) -> Visitor {
    if is_head {
        return Visitor::Head;
    }
    let Some(agent) = user_agent.map(str::trim).filter(|agent| !agent.is_empty()) else { return Visitor::Nameless };
    let agent: String = agent.chars().take(AGENT_CHARACTERS_MAX).map(|c| c.to_ascii_lowercase()).collect();
    let says = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    if says(PREVIEWS) {
        Visitor::Preview
    } else if says(ROBOTS) || is_some_bot(&agent) {
        Visitor::Robot
    } else if says(PROGRAMS) || !agent.contains('/') {
        // Every browser names itself as product/version.
        Visitor::Program
    } else {
        Visitor::Person
    }
}

/// Makers of previews. iMessage sends both facebookexternalhit and Twitterbot. In-app browsers of the same companies
/// (FBAN, Instagram, Snapchat) are people and must not match.
const PREVIEWS: &[&str] = &[
    "facebookexternalhit",
    "facebookcatalog",
    "facebot",
    "meta-externalagent",
    "twitterbot",
    "whatsapp/",
    "telegrambot",
    "slackbot",
    "slack-imgproxy",
    "discordbot",
    "linkedinbot",
    "skypeuripreview",
    "bingpreview",
    "microsoftpreview",
    "ms-office",
    "microsoft outlook",
    "googlemessages",
    "google-pagerenderer",
    "google-inspectiontool",
    "googleimageproxy",
    "google web preview",
    "snap url preview",
    "viberbot",
    "redditbot",
    "pinterestbot",
    "line-poker",
    "kakaotalk-scrap",
    "vkshare",
    "mastodon",
    "embedly",
    "iframely",
    "link preview",
    "linkpreview",
    "urlpreview",
];

/// Search engines, scanners and monitors whose names do not end in `bot`.
const ROBOTS: &[&str] = &[
    "crawler",
    "spider",
    "slurp",
    "mediapartners-google",
    "adsbot",
    "apis-google",
    "google-safety",
    "googleother",
    "feedfetcher",
    "ia_archiver",
    "archive.org",
    "proofpoint",
    "mimecast",
    "barracuda",
    "safelinks",
    "virustotal",
    "urlscan",
    "zscaler",
    "forcepoint",
    "netcraft",
    "censys",
    "expanse",
    "pingdom",
    "uptime",
    "statuscake",
    "datadog",
    "site24x7",
    "lighthouse",
    "headlesschrome",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
];

/// Tools and libraries.
const PROGRAMS: &[&str] = &[
    "curl/",
    "wget/",
    "python",
    "go-http-client",
    "java/",
    "okhttp",
    "apache-httpclient",
    "axios",
    "node-fetch",
    "undici",
    "libwww",
    "ruby",
    "guzzle",
    "postman",
    "insomnia",
    "httpie",
    "powershell",
    "reqwest",
    "hyper/",
    "dart:io",
    "cfnetwork",
];

/// Matches any other word that ends in `bot`, as most robots call themselves, except phones of the brand Cubot.
fn is_some_bot(agent: &str) -> bool {
    agent
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| (word.ends_with("bot") || word.ends_with("bots")) && word != "cubot")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

    #[test]
    fn browsers_are_people_and_everything_else_is_suspected() {
        for (agent, expected) in [
            (IPHONE, Visitor::Person),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                Visitor::Person,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; CUBOT NOTE S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0 Mobile Safari/537.36",
                Visitor::Person,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0 Mobile Safari/537.36",
                Visitor::Person,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/470.0]",
                Visitor::Person,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 330.0",
                Visitor::Person,
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 Chrome/114.0 Mobile Safari/537.36 Snapchat/12.80",
                Visitor::Person,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", Visitor::Person),
            ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.12.423 Version/12.16", Visitor::Person),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
                Visitor::Preview,
            ),
            ("WhatsApp/2.23.20.0 A", Visitor::Preview),
            ("TelegramBot (like TwitterBot)", Visitor::Preview),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
                Visitor::Preview,
            ),
            ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", Visitor::Preview),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Visitor::Robot),
            ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", Visitor::Robot),
            ("Mozilla/5.0 (compatible; SomethingNewBot/1.0)", Visitor::Robot),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
                Visitor::Robot,
            ),
            ("curl/8.5.0", Visitor::Program),
            ("python-requests/2.32", Visitor::Program),
            ("Go-http-client/2.0", Visitor::Program),
            ("something", Visitor::Program),
            ("", Visitor::Nameless),
            ("   ", Visitor::Nameless),
        ] {
            assert_eq!(visitor(false, Some(agent)), expected, "{agent}");
        }
    }

    #[test]
    fn no_user_agent_and_head_are_suspected() {
        assert_eq!(visitor(false, None), Visitor::Nameless);
        assert_eq!(visitor(true, Some(IPHONE)), Visitor::Head);
        assert_eq!(visitor(true, None), Visitor::Head);
    }

    #[test]
    fn every_visitor_reads_back_from_its_code_and_only_a_person_is_no_bot() {
        for one in Visitor::ALL {
            assert_eq!(one.code().parse(), Ok(one));
            assert_eq!(one.is_bot(), one != Visitor::Person);
        }
    }

    proptest! {
        #[test]
        fn no_user_agent_makes_it_panic(agent in any::<String>()) {
            let _ = visitor(false, Some(&agent));
        }
    }
}
