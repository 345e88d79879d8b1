//! The routes of the function.

use common::image_id::ImageId;
use thiserror::Error;

/// A route, with the image in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /me`
    Me,
    /// `GET /images`
    List,
    /// `GET /images/{imageId}`
    Read(ImageId),
    /// `PATCH /images/{imageId}`
    Patch(ImageId),
    /// `DELETE /images/{imageId}`
    Remove(ImageId),
    /// `POST /images/{imageId}/retry`
    Retry(ImageId),
}

/// The reason why a request has no route. The gateway checks routes first.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum RouteError {
    /// A path that is no route.
    #[error("there is no route {0}")]
    Path(String),
    /// A known path with another method.
    #[error("{path} takes {allow}, and not {method}")]
    Method {
        /// The text of the request.
        path: String,
        /// The text of the request.
        method: String,
        /// The value of the `Allow` header.
        allow: &'static str,
    },
    /// An image id that does not parse, which no image has.
    #[error("there is no image {0} of yours")]
    Image(String),
}

impl Route {
    /// The parameters that the route takes in its query.
    pub(crate) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::List => &[
                "status",
                "limit",
                "cursor",
                "order",
                "from",
                "to",
                "takenFrom",
                "takenTo",
            ],
            Self::Read(_) => &["wait"],
            Self::Me | Self::Patch(_) | Self::Remove(_) | Self::Retry(_) => &[],
        }
    }

    pub(crate) fn parse(method: &str, path: &str) -> Result<Self, RouteError> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let with_image = |text: &str, route: fn(ImageId) -> Self| {
            ImageId::parse(text)
                .map(route)
                .map_err(|_| RouteError::Image(text.to_owned()))
        };
        let refused = |allow| {
            Err(RouteError::Method {
                path: path.to_owned(),
                method: method.to_owned(),
                allow,
            })
        };
        match (method, &segments[..]) {
            ("GET", ["me"]) => Ok(Self::Me),
            ("GET", ["images"]) => Ok(Self::List),
            ("GET", ["images", image]) => with_image(image, Self::Read),
            ("PATCH", ["images", image]) => with_image(image, Self::Patch),
            ("DELETE", ["images", image]) => with_image(image, Self::Remove),
            ("POST", ["images", image, "retry"]) => with_image(image, Self::Retry),
            (_, ["me" | "images"]) => refused("GET"),
            (_, ["images", _]) => refused("GET, PATCH, DELETE"),
            (_, ["images", _, "retry"]) => refused("POST"),
            _ => Err(RouteError::Path(path.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

    #[test]
    fn every_route_is_found() {
        let image = ImageId::parse(IMAGE).unwrap();
        for (method, path, route) in [
            ("GET", "/me".to_owned(), Route::Me),
            ("GET", "/images".to_owned(), Route::List),
            ("GET", format!("/images/{IMAGE}"), Route::Read(image)),
            ("PATCH", format!("/images/{IMAGE}"), Route::Patch(image)),
            ("DELETE", format!("/images/{IMAGE}"), Route::Remove(image)),
            (
                "POST",
                format!("/images/{IMAGE}/retry"),
                Route::Retry(image),
            ),
        ] {
            assert_eq!(Route::parse(method, &path), Ok(route), "{method} {path}");
        }
    }

    #[test]
    fn another_method_of_a_known_path_is_told_which_there_are() {
        for (method, path, allowed) in [
            ("POST", "/me".to_owned(), "GET"),
            ("DELETE", "/images".to_owned(), "GET"),
            ("PUT", format!("/images/{IMAGE}"), "GET, PATCH, DELETE"),
            ("GET", format!("/images/{IMAGE}/retry"), "POST"),
        ] {
            let error = Route::parse(method, &path).unwrap_err();
            assert!(
                matches!(error, RouteError::Method { allow, .. } if allow == allowed),
                "{method} {path}: {error}"
            );
        }
    }

    #[test]
    fn anything_else_is_no_route() {
        for path in [
            "",
            "/",
            "/image",
            "/me/",
            "/images/",
            "//images",
            &format!("/images/{IMAGE}/retry/"),
            &format!("/images/{IMAGE}/original"),
        ] {
            let error = Route::parse("GET", path).unwrap_err();
            assert!(
                matches!(error, RouteError::Path(_) | RouteError::Image(_)),
                "{path}: {error}"
            );
        }
    }
}
