//! Pages of items with a filter that the table cannot apply itself.

use super::{Page, Result};

/// Most items read for one page: a request ends in time even if nothing matches; `next` continues from there.
const READ_MAX: usize = 2_000;

/// A page of the matching items. `position` is the sort key of an item.
pub async fn filtered<T, R>(
    mut after: Option<String>,
    limit: usize,
    read: impl Fn(Option<String>, usize) -> R,
    position: impl Fn(&T) -> String,
    is_wanted: impl Fn(&T) -> bool,
) -> Result<Page<T>>
where
    R: Future<Output = Result<Page<T>>>,
{
    let mut items: Vec<T> = Vec::new();
    let mut seen = 0;
    loop {
        let page = read(after.take(), limit.max(100)).await?;
        seen += page.items.len();
        let mut rest = page.items.into_iter().filter(|item| is_wanted(item));
        items.extend(rest.by_ref().take(limit - items.len()));
        let has_more = rest.next().is_some() || page.next.is_some();
        if items.len() >= limit {
            let next = items.last().filter(|_| has_more).map(&position);
            return Ok(Page { items, next });
        }
        if page.next.is_none() || seen >= READ_MAX {
            return Ok(Page { items, next: page.next });
        }
        after = page.next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(after: Option<&str>, limit: usize, is_wanted: fn(&u32) -> bool) -> (Vec<u32>, Option<String>) {
        let read = |after: Option<String>, limit: usize| async move {
            let from = after.map_or(0, |after| after.parse::<u32>().unwrap() + 1);
            let items: Vec<u32> = (from..250).take(limit).collect();
            let next = items.last().filter(|last| **last < 249).map(ToString::to_string);
            Ok(Page { items, next })
        };
        let page = filtered(after.map(Into::into), limit, read, ToString::to_string, is_wanted).await.unwrap();
        (page.items, page.next)
    }

    #[tokio::test]
    async fn pages_of_what_is_wanted_are_full_and_miss_nothing() {
        let is_tenth = |number: &u32| number.is_multiple_of(10);
        assert_eq!(found(None, 3, is_tenth).await, (vec![0, 10, 20], Some("20".into())));
        assert_eq!(found(Some("20"), 3, is_tenth).await, (vec![30, 40, 50], Some("50".into())));
        let (rest, next) = found(Some("50"), 50, is_tenth).await;
        assert_eq!((rest.len(), next), (19, None));
        assert_eq!(found(None, 200, |_| false).await, (vec![], None));
        assert_eq!(found(None, 1, |number| *number == 249).await, (vec![249], None));
    }
}
